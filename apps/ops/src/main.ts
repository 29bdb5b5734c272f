import { auditCommand } from './audit/audit.command.ts';
import { bootstrapCommand } from './bootstrap/bootstrap.command.ts';
import { type Command, terminal } from './command.ts';
import { CommandFailure, sentenceOf, UsageError } from './failure.ts';
import { idCommand } from './id/id.command.ts';
import { mapCommand } from './map/map.command.ts';
import { migrateCommand } from './migrate/migrate.command.ts';
import { parkedCommand } from './parked/parked.command.ts';
import { routeCommand } from './route/route.command.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  bootstrap: bootstrapCommand,
  migrate: migrateCommand,
  map: mapCommand,
  route: routeCommand,
  id: idCommand,
  parked: parkedCommand,
  audit: auditCommand,
};

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function help(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  const lines = Object.values(COMMANDS).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return ['Usage: ops <command>', '', ...lines].join('\n');
}

async function main(name: string | undefined, args: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    terminal.out(help());
    return name === undefined ? EXIT_USAGE : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) throw new UsageError(`there is no command "${name}"`);
    return await command.run(args, terminal);
  } catch (error) {
    const isExpected = error instanceof CommandFailure || error instanceof UsageError;
    terminal.note(`ops: ${sentenceOf(error)}`);
    if (error instanceof UsageError) terminal.note(command === undefined ? help() : `Usage: ops ${command.usage}`);
    else if (!isExpected && error instanceof Error) terminal.note(error.stack ?? '');
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));
