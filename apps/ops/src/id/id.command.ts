import { decodeId, isId } from '@tradewind/ids';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';

export const idCommand: Command = {
  usage: 'id <id>',
  summary: 'take an id apart: time, slot, worker, sequence',
  run: async ([id], terminal) => {
    if (!isId(id)) throw new UsageError('an id is a decimal number from 1 to 9223372036854775807');
    const { time, slot, worker, sequence } = decodeId(id);
    terminal.out(`time      ${time.toISOString()}`);
    terminal.out(`slot      ${slot}`);
    terminal.out(`worker    ${worker}`);
    terminal.out(`sequence  ${sequence}`);
    return 0;
  },
};
