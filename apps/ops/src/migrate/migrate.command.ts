import type { Command } from '../command.ts';
import { readConfig } from '../config.ts';
import { SHARD_VARIABLES } from '../kinds.ts';
import { migrateShards } from './migrate-shards.ts';

export const migrateCommand: Command = {
  usage: 'migrate',
  summary: "bring every shard's schema up to date; may be repeated",
  run: async (_args, terminal) => {
    for (const { shard, schema, applied } of await migrateShards(readConfig(SHARD_VARIABLES))) {
      terminal.out(`${shard.padEnd(16)} ${schema}: ${applied.length === 0 ? 'up to date' : applied.join(', ')}`);
    }
    return 0;
  },
};
