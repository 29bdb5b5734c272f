import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import { readConfig } from '../config.ts';
import { CommandFailure, UsageError } from '../failure.ts';
import { withEtcd } from '../map/stored-maps.ts';
import { audit, INVARIANTS } from './audit.ts';
import type { Invariant } from './invariant.ts';
import { printedProgress } from './progress.ts';
import { asJson, asTable, exitCodeOf } from './report.ts';
import { AUDIT_VARIABLES, openSources } from './sources.ts';

const SETTLE_SECONDS_DEFAULT = 30;
const SETTLE_SECONDS_MOST = 3_600;

interface Options {
  readonly settleMs: number;
  readonly asJson: boolean;
  readonly acknowledgedFile: string | undefined;
  readonly invariants: readonly Invariant[];
}

/** Exit code 0: all hold; 3: some are broken; 1: some could not be checked. */
export const auditCommand: Command = {
  usage: 'audit [--settle SECONDS] [--json] [--acknowledged FILE] [--only I1,I2]',
  summary: 'check the invariants against the servers themselves',
  run: async (args, terminal) => {
    const options = parseOptions(args);
    const config = readConfig(AUDIT_VARIABLES);
    return withEtcd(config.ETCD_ENDPOINTS, async (etcd) => {
      const sources = await openSources(config, etcd, options);
      try {
        const verdicts = await audit(sources, { ...options, progress: printedProgress(terminal) });
        terminal.out(options.asJson ? asJson(verdicts, new Date()) : asTable(verdicts));
        return exitCodeOf(verdicts);
      } finally {
        await sources.close();
      }
    });
  },
};

/** @throws UsageError; CommandFailure when the file of acknowledged orders is not there */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  const seconds = Number(values.settle ?? SETTLE_SECONDS_DEFAULT);
  if (!(seconds >= 0 && seconds <= SETTLE_SECONDS_MOST))
    throw new UsageError(`--settle takes 0 to ${SETTLE_SECONDS_MOST} seconds`);
  const file = values.acknowledged;
  if (file !== undefined && !existsSync(file)) throw new CommandFailure(`there is no file ${file}`);
  return {
    settleMs: seconds * 1000,
    asJson: values.json ?? false,
    acknowledgedFile: file,
    invariants: chosen(values.only),
  };
}

function parse(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = { settle: string, json: { type: 'boolean' }, acknowledged: string, only: string } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function chosen(only: string | undefined): readonly Invariant[] {
  if (only === undefined) return INVARIANTS;
  const ids = only.split(',').map((id) => id.trim().toUpperCase());
  const unknown = ids.filter((id) => !INVARIANTS.some((invariant) => invariant.id === id));
  if (unknown.length > 0) throw new UsageError(`there is no invariant ${unknown.join(', ')}`);
  return INVARIANTS.filter((invariant) => ids.includes(invariant.id));
}
