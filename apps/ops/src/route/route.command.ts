import { isId, slotOfId } from '@tradewind/ids';
import { type MapName, orderSlot, productSlot, ShardRouter, type Slot } from '@tradewind/sharding';
import type { Command } from '../command.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../failure.ts';
import { readMap, withEtcd } from '../map/stored-maps.ts';

/** Where the data of each kind of thing lie: by which map, in which slot. */
const ROUTES: Readonly<Record<string, (id: string) => readonly { map: MapName; slot: Slot }[]>> = {
  user: (id) => [
    { map: 'users', slot: slotOfId(id) },
    { map: 'orders', slot: orderSlot(id) },
    { map: 'payments', slot: orderSlot(id) },
  ],
  order: (id) => [
    { map: 'orders', slot: slotOfId(id) },
    { map: 'payments', slot: slotOfId(id) },
  ],
  product: (id) => [{ map: 'products', slot: productSlot(id) }],
};

export const routeCommand: Command = {
  usage: 'route user|order|product <id>',
  summary: 'the slot, shard and epoch where its data lie',
  run: async ([thing, id], terminal) => {
    const places = thing !== undefined && Object.hasOwn(ROUTES, thing) ? ROUTES[thing] : undefined;
    if (places === undefined) throw new UsageError('what can be routed is a user, an order or a product');
    if (!isId(id)) throw new UsageError('an id is a decimal number from 1 to 9223372036854775807');
    const { ETCD_ENDPOINTS } = readConfig(['ETCD_ENDPOINTS']);
    await withEtcd(ETCD_ENDPOINTS, async (etcd) => {
      for (const { map, slot } of places(id)) {
        const { shard, epoch } = new ShardRouter(await readMap(etcd, map)).shardOf(slot);
        terminal.out(`${map.padEnd(8)}  slot ${slot}  shard ${shard}  epoch ${epoch}`);
      }
    });
    return 0;
  },
};
