import type { Command } from '../command.ts';
import { CommandFailure } from '../failure.ts';

export const auditCommand: Command = {
  usage: 'audit',
  summary: 'check the invariants',
  run: async () => {
    throw new CommandFailure('the auditor is not built yet');
  },
};
