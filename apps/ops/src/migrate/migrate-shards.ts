import { isConnectionFailure, migrate, type Migrated } from '@tradewind/mysql';
import { backoffMs, systemClock } from '@tradewind/time';
import { CommandFailure, sentenceOf } from '../failure.ts';
import { KINDS, type Kind } from '../kinds.ts';

/** Schemas that are migrated at once: enough to use both servers, few enough to leave them room. */
const PARALLEL_MOST = 4;
/** How long a server that went away, or is still starting, is waited for. */
const AWAY_MS_MOST = 60_000;
const RETRY = { firstMs: 100, mostMs: 2_000 };

export type ShardUrls = Readonly<Record<Kind['variable'], ReadonlyMap<string, string>>>;

export interface ShardMigrated extends Migrated {
  readonly shard: string;
}

/**
 * Brings every shard's schema up to its numbered files. May be stopped anywhere and run again, also twice at once.
 * @throws CommandFailure that names the first shard which could not be migrated; the others have been gone through all the same
 */
export async function migrateShards(urls: ShardUrls): Promise<ShardMigrated[]> {
  const todo = KINDS.flatMap(({ variable, migrations }) =>
    [...urls[variable]].map(([shard, url]) => ({ shard, url, migrations })),
  );
  const done: ShardMigrated[] = [];
  const failures: string[] = [];
  const lane = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const { shard, url, migrations } = next;
      try {
        done.push({ shard, ...(await migratePatiently(url, migrations)) });
      } catch (error) {
        failures.push(`${shard} could not be migrated: ${sentenceOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_MOST }, lane));
  if (failures.length > 0) throw new CommandFailure(failures.sort().join('; '));
  return done.sort((a, b) => (a.shard < b.shard ? -1 : 1));
}

async function migratePatiently(url: string, folder: string): Promise<Migrated> {
  const deadline = systemClock.elapsed() + AWAY_MS_MOST;
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate(url, folder);
    } catch (error) {
      if (!isConnectionFailure(error) || isRefusedLogin(error) || systemClock.elapsed() > deadline) throw error;
      await systemClock.sleep(backoffMs(attempt, RETRY));
    }
  }
}

/** mysql2 marks it as fatal to the connection, but waiting will not change it. Errors 1044, 1045 and 1698 of both servers. */
function isRefusedLogin(error: unknown): boolean {
  return [1044, 1045, 1698].includes((error as { errno?: number }).errno ?? 0);
}
