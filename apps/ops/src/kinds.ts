import { fileURLToPath } from 'node:url';
import type { MapName } from '@tradewind/sharding';
import type { Variable } from './config.ts';

/** One kind of sharded data: its map, where its shards are named, and the migrations of a shard's schema. */
export interface Kind {
  readonly map: MapName;
  readonly variable: Extract<Variable, `${string}_SHARDS`>;
  /** Absolute. */
  readonly migrations: string;
}

const SQL = new URL('../../../deploy/sql/', import.meta.url);
const folder = (name: string): string => fileURLToPath(new URL(name, SQL));

export const KINDS: readonly Kind[] = [
  { map: 'orders', variable: 'ORDER_SHARDS', migrations: folder('order') },
  { map: 'products', variable: 'INVENTORY_SHARDS', migrations: folder('inventory') },
  { map: 'payments', variable: 'PAYMENT_SHARDS', migrations: folder('payment') },
  { map: 'users', variable: 'STOREFRONT_SHARDS', migrations: folder('storefront') },
];

export const SHARD_VARIABLES = KINDS.map((kind) => kind.variable);
