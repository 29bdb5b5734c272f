import { eventId } from '@tradewind/outbox';
import type { Command } from '../command.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../failure.ts';
import { parkedEvents, settleParked } from './parked-events.ts';

/** Events that could never be sent lie aside with their reason (`tradewind_outbox_parked`); what becomes of them is for a person to say. */
export const parkedCommand: Command = {
  usage: 'parked [replay|discard <shard> <event>]',
  summary: 'events that could not be sent: list them, send one again, or delete it and print it',
  run: async (args, terminal) => {
    const [how, shard, id, ...more] = args;
    const { ORDER_SHARDS, INVENTORY_SHARDS } = readConfig(['ORDER_SHARDS', 'INVENTORY_SHARDS']);
    const urls = new Map([...ORDER_SHARDS, ...INVENTORY_SHARDS]);
    if (how === undefined) {
      let count = 0;
      for await (const { shard: name, event } of parkedEvents(urls)) {
        const { type, parkedAt, parkedReason } = event;
        terminal.out(`${name.padEnd(16)} ${eventId(event)}  ${type}  ${parkedAt.toISOString()}  ${parkedReason}`);
        count += 1;
      }
      terminal.note(count === 0 ? 'no event is parked' : `${count} parked`);
      return 0;
    }
    if ((how !== 'replay' && how !== 'discard') || shard === undefined || id === undefined || more.length > 0)
      throw new UsageError('a parked event is replayed or discarded by its shard and its id');
    const event = await settleParked(urls, shard, id, how);
    // The only copy left of what was discarded.
    terminal.out(how === 'discard' ? JSON.stringify(event) : `${id} is in line again`);
    return 0;
  },
};
