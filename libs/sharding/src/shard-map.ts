import { ORDER_SLOTS, PRODUCT_SLOTS, type Strategy, isStrategy } from './slot.ts';
import { ShardMapInvalid } from './shard-map-invalid.ts';

/**
 * Which shard owns which slot: an explicit table with a version, not a formula.
 *
 * Intuition: a formula (hash modulo servers) can't say "all but slot 17, which is being moved". A table can, it is looked up
 * in one array access, and two versions of it can be compared. The version is the *epoch*: every change makes a new map with a
 * higher one, and nobody ever goes back.
 *
 * Rules: each slot has exactly one owner; owners are shards of the map; a slot that moves still belongs to `from` until the epoch
 * that gives it to `to`. They hold for every `ShardMap` that came out of `decodeShardMap`, `checkShardMap` or `planMap`.
 */
export interface ShardMap {
  readonly name: MapName;
  /** 1 for the first map; each change counts up. */
  readonly epoch: number;
  readonly strategy: Strategy;
  readonly slots: number;
  readonly shards: readonly Shard[];
  /** For each slot the index of its owner in `shards`. */
  readonly owners: readonly number[];
  /** Slots on their way to another shard; empty at rest. */
  readonly moves: readonly SlotMove[];
}

/** The kinds of data that are sharded, each by a map of its own, and the number of slots that is fixed for each for ever. */
export const MAP_SLOTS = {
  orders: ORDER_SLOTS,
  products: PRODUCT_SLOTS,
  payments: ORDER_SLOTS,
  users: ORDER_SLOTS,
} as const;
export type MapName = keyof typeof MAP_SLOTS;

export interface Shard {
  /** What the data source of the shard is called, such as `order-0`. */
  readonly name: string;
  /** Its share of the slots in relation to the others, in (0, 100]. */
  readonly weight: number;
  /** `active` takes slots, `draining` and `down` are planned empty: one while it still answers, the other when it does not. */
  readonly state: ShardState;
}

export const SHARD_STATES = ['active', 'draining', 'down'] as const;
export type ShardState = (typeof SHARD_STATES)[number];

/** A slot on its way: `copying` while rows are copied and caught up, `switching` while writes to it are held back. */
export interface SlotMove {
  readonly slot: number;
  /** Names of shards. */
  readonly from: string;
  readonly to: string;
  readonly state: MoveState;
}

export const MOVE_STATES = ['copying', 'switching'] as const;
export type MoveState = (typeof MOVE_STATES)[number];

const SHARD_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const WEIGHT_MOST = 100;
/** One owner index fits two bytes, and no plan needs more shards than slots. */
const SHARDS_MOST = 1024;

export function isMapName(value: unknown): value is MapName {
  return typeof value === 'string' && Object.hasOwn(MAP_SLOTS, value);
}

/**
 * Checks every rule of a map whose fields have the right types.
 * @throws ShardMapInvalid which names the rule and the first slot or shard that breaks it.
 */
export function checkShardMap(map: ShardMap): void {
  if (!isMapName(map.name)) throw new ShardMapInvalid('name', `there is no map "${String(map.name)}"`);
  if (!Number.isSafeInteger(map.epoch) || map.epoch < 1)
    throw new ShardMapInvalid('epoch', 'must be a whole number from 1');
  if (!isStrategy(map.strategy)) throw new ShardMapInvalid('strategy', `"${String(map.strategy)}" is not known`);
  if (map.slots !== MAP_SLOTS[map.name]) {
    throw new ShardMapInvalid('slots', `${map.name} has ${MAP_SLOTS[map.name]} slots for ever, not ${map.slots}`);
  }
  checkShards(map.shards);
  checkOwners(map);
  checkMoves(map);
}

export function checkShards(shards: readonly Shard[]): void {
  if (shards.length < 1 || shards.length > SHARDS_MOST)
    throw new ShardMapInvalid('shards', `1 to ${SHARDS_MOST} are needed`);
  const seen = new Set<string>();
  for (const { name, weight, state } of shards) {
    if (typeof name !== 'string' || !SHARD_NAME.test(name)) throw new ShardMapInvalid('shards', `"${name}" is no name`);
    if (seen.has(name)) throw new ShardMapInvalid('shards', `${name} is there twice`);
    if (!(weight > 0 && weight <= WEIGHT_MOST)) throw new ShardMapInvalid('shards', `${name} weighs ${weight}`);
    if (!SHARD_STATES.includes(state)) throw new ShardMapInvalid('shards', `${name} is "${state}"`);
    seen.add(name);
  }
}

function checkOwners({ owners, slots, shards }: ShardMap): void {
  if (owners.length !== slots) throw new ShardMapInvalid('length', `${owners.length} owners for ${slots} slots`);
  for (let slot = 0; slot < slots; slot++) {
    const owner = owners[slot];
    if (owner === undefined || owner === null) throw new ShardMapInvalid('hole', `slot ${slot} has no owner`);
    if (shards[owner] === undefined)
      throw new ShardMapInvalid('unknown-shard', `slot ${slot} belongs to shard ${owner}`);
  }
}

function checkMoves({ moves, owners, shards }: ShardMap): void {
  const moving = new Set<number>();
  for (const { slot, from, to, state } of moves) {
    const owner = shards[owners[slot] ?? -1];
    if (owner === undefined) throw new ShardMapInvalid('moves', `there is no slot ${slot}`);
    if (moving.has(slot)) throw new ShardMapInvalid('moves', `slot ${slot} moves twice`);
    if (owner.name !== from)
      throw new ShardMapInvalid('moves', `slot ${slot} leaves ${from} but belongs to ${owner.name}`);
    if (from === to) throw new ShardMapInvalid('moves', `slot ${slot} moves from ${from} to itself`);
    if (!shards.some((shard) => shard.name === to))
      throw new ShardMapInvalid('unknown-shard', `slot ${slot} moves to ${to}`);
    if (!MOVE_STATES.includes(state)) throw new ShardMapInvalid('moves', `slot ${slot} is "${state}"`);
    moving.add(slot);
  }
}

/** Which slots have another owner in `next`; both maps must have the same number of slots. */
export function slotChanges(previous: ShardMap, next: ShardMap): { slot: number; from: string; to: string }[] {
  const changes: { slot: number; from: string; to: string }[] = [];
  for (let slot = 0; slot < next.slots; slot++) {
    const from = previous.shards[previous.owners[slot] ?? -1]?.name ?? '';
    const to = next.shards[next.owners[slot] ?? -1]?.name ?? '';
    if (from !== to) changes.push({ slot, from, to });
  }
  return changes;
}
