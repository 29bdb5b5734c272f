import { buildRing, nodeAfter, type Ring, slotPosition } from './ring.ts';
import {
  checkShardMap,
  checkShards,
  MAP_SLOTS,
  type MapName,
  type Shard,
  type ShardMap,
  type ShardState,
} from './shard-map.ts';
import { ShardMapInvalid } from './shard-map-invalid.ts';
import type { Strategy } from './slot.ts';

/**
 * Proposes the next map when shards join, leave, fail or change weight. A plan changes nothing by itself.
 *
 * Intuition: the ring says where each slot would like to live; a load bound says how many a shard may have. A slot leaves its shard only
 * when the shard must give some away, and goes to the first shard clockwise that has room.
 *
 * Rules: every active shard ends within 5 % of its weight's share (or within one slot of it, where 5 % is less than a slot); when the
 * n-th of equal shards joins a map that kept this bound, at most ceil(slots / n) slots move, all of them to it; a map that is within
 * the bound already is left as it is. The same input gives the same plan in every process.
 */
export const SKEW_MOST = 0.05;

export interface ShardSpec {
  readonly name: string;
  /** Default 1. */
  readonly weight?: number;
  /** Default `active`. */
  readonly state?: ShardState;
}

/** What a first map can't take from its predecessor. */
export interface FirstMap {
  readonly name: MapName;
  /** Default `md5`. */
  readonly strategy?: Strategy;
}

/** Room of one shard, in slots. */
interface Room {
  readonly quota: number;
  readonly least: number;
  readonly most: number;
}

/** @returns `previous` itself when there is nothing to change, otherwise a map of the next epoch. */
export function planMap(previous: undefined, shards: readonly ShardSpec[], first: FirstMap): ShardMap;
export function planMap(previous: ShardMap, shards: readonly ShardSpec[]): ShardMap;
export function planMap(previous: ShardMap | undefined, specs: readonly ShardSpec[], first?: FirstMap): ShardMap {
  const name = previous?.name ?? first!.name;
  const shards: Shard[] = specs.map((spec) => ({
    name: spec.name,
    weight: spec.weight ?? 1,
    state: spec.state ?? 'active',
  }));
  checkShards(shards);
  if (previous && previous.moves.length > 0)
    throw new ShardMapInvalid('moves', 'slots are moving; plan when they have arrived');
  const owners = place(carryOver(previous, shards, MAP_SLOTS[name]), shards);
  const strategy = previous?.strategy ?? first?.strategy ?? 'md5';
  const next = { name, epoch: (previous?.epoch ?? 0) + 1, strategy, slots: MAP_SLOTS[name], shards, owners, moves: [] };
  checkShardMap(next);
  return previous && isSame(previous, next) ? previous : next;
}

/** The owners of `previous` as indexes into `shards`; -1 where the owner may not keep the slot. */
function carryOver(previous: ShardMap | undefined, shards: readonly Shard[], slots: number): number[] {
  const indexes = new Map(shards.map((shard, index) => [shard.name, shard.state === 'active' ? index : -1]));
  return Array.from({ length: slots }, (_, slot) => {
    const owner = previous?.shards[previous.owners[slot] ?? -1];
    return owner ? (indexes.get(owner.name) ?? -1) : -1;
  });
}

function place(owners: number[], shards: readonly Shard[]): number[] {
  const counts = shards.map((_, index) => owners.filter((owner) => owner === index).length);
  const rooms = roomsFor(owners.length, shards, counts);
  const ring = buildRing(shards.map((shard) => ({ ...shard, weight: shard.state === 'active' ? shard.weight : 0 })));
  const wanted = targets(rooms, counts, owners.length);
  release(owners, wanted, ring);
  settle(owners, wanted, ring);
  return owners;
}

/**
 * Whole slots by the largest remainder; of equal remainders the shard that holds most keeps the odd slot, so that none moves for it.
 */
function roomsFor(slots: number, shards: readonly Shard[], counts: readonly number[]): Room[] {
  const total = shards.reduce((sum, shard) => sum + (shard.state === 'active' ? shard.weight : 0), 0);
  if (total === 0) throw new ShardMapInvalid('shards', 'none is active');
  const shares = shards.map((shard) => (shard.state === 'active' ? (slots * shard.weight) / total : 0));
  const quotas = shares.map(Math.floor);
  const rest = (index: number): number => shares[index]! - quotas[index]!;
  const byName = (a: number, b: number): number => (shards[a]!.name < shards[b]!.name ? -1 : 1);
  const order = shards
    .map((_, index) => index)
    .sort((a, b) => rest(b) - rest(a) || counts[b]! - counts[a]! || byName(a, b));
  const odd = slots - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const index of order.slice(0, odd)) quotas[index]!++;
  return shares.map((share, index) => ({
    quota: quotas[index]!,
    least: Math.min(quotas[index]!, Math.ceil(share * (1 - SKEW_MOST))),
    most: Math.max(quotas[index]!, Math.floor(share * (1 + SKEW_MOST))),
  }));
}

/**
 * How many slots each shard shall have. Who is within the bound stays; who is short is filled to its quota; what that takes, or what
 * is left over, is shared out one slot at a time, always where the distance to the quota is greatest.
 */
function targets(rooms: readonly Room[], counts: readonly number[], slots: number): number[] {
  const wanted = rooms.map(({ quota, least, most }, i) => (counts[i]! < least ? quota : Math.min(counts[i]!, most)));
  let spare = slots - wanted.reduce((sum, count) => sum + count, 0);
  const over = (index: number): number => wanted[index]! - rooms[index]!.quota;
  for (; spare < 0; spare++) wanted[extreme(wanted, (i, best) => over(i) > over(best))]!--;
  for (; spare > 0; spare--) wanted[extreme(wanted, (i, best) => over(i) < over(best))]!++;
  return wanted;
}

function extreme(list: readonly number[], beats: (index: number, best: number) => boolean): number {
  return list.reduce((best, _, index) => (beats(index, best) ? index : best), 0);
}

/** Takes from each shard what it has too many of: first those slots that the ring would now place elsewhere. */
function release(owners: number[], wanted: readonly number[], ring: Ring): void {
  const surplus = wanted.map((count, index) => owners.filter((owner) => owner === index).length - count);
  for (const mayStay of [false, true]) {
    owners.forEach((owner, slot) => {
      if (owner < 0 || surplus[owner]! <= 0) return;
      if (!mayStay && nodeAfter(ring, slotPosition(slot), () => true) === owner) return;
      owners[slot] = -1;
      surplus[owner]!--;
    });
  }
}

function settle(owners: number[], wanted: readonly number[], ring: Ring): void {
  const free = wanted.map((count, index) => count - owners.filter((owner) => owner === index).length);
  owners.forEach((owner, slot) => {
    if (owner >= 0) return;
    const node = nodeAfter(ring, slotPosition(slot), (candidate) => free[candidate]! > 0);
    owners[slot] = node;
    free[node]!--;
  });
}

function isSame(a: ShardMap, b: ShardMap): boolean {
  return JSON.stringify([a.shards, a.owners]) === JSON.stringify([b.shards, b.owners]);
}
