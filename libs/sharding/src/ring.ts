import { hash } from 'node:crypto';

/**
 * The consistent-hash ring, as an adviser of the planner.
 *
 * Intuition: shards and slots are points on a circle of 2^32 positions; a slot leans to the shard that comes next clockwise. A new shard
 * only takes over arcs; nobody else's slots move. Each shard stands at many points (virtual nodes), so that its arcs add up to its share.
 *
 * Even 500 points a shard leave shares that are up to 8 % off, so the ring only *orders* a slot's wishes: `plan.ts` grants the
 * first that still has room.
 */
export const VIRTUAL_NODES = 500;
/** More than there may be shards; with the 32 bits of a position it stays below 2^53. */
const RANKS = 2 ** 16;

export interface Ring {
  /** Sorted positions and, at the same index, whose each is. */
  readonly positions: Uint32Array;
  readonly nodes: Uint16Array;
}

export interface RingNode {
  readonly name: string;
  readonly weight: number;
}

export function buildRing(nodes: readonly RingNode[]): Ring {
  const byName = nodes.map((_, node) => node).sort((a, b) => (nodes[a]!.name < nodes[b]!.name ? -1 : 1));
  const points: number[] = [];
  byName.forEach((node, rank) => {
    const { name, weight } = nodes[node]!;
    const count = Math.ceil(VIRTUAL_NODES * weight);
    // Position and rank in one number: sorting is native, and two points on one position are told apart by name, not by the order of shards.
    for (let i = 0; i < count; i++) points.push(ringPosition(`${name}#${i}`) * RANKS + rank);
  });
  const sorted = Float64Array.from(points).sort();
  return {
    positions: Uint32Array.from(sorted, (point) => Math.floor(point / RANKS)),
    nodes: Uint16Array.from(sorted, (point) => byName[point % RANKS]!),
  };
}

/** The first four bytes of md5, big endian: well spread and the same in every language. */
export function ringPosition(text: string): number {
  return Number.parseInt(hash('md5', text, 'hex').slice(0, 8), 16);
}

/** Where a slot stands on the ring. */
export function slotPosition(slot: number): number {
  return ringPosition(`slot ${slot}`);
}

/** The first node clockwise of `position` that `accepts`; -1 when none does. At most one turn. */
export function nodeAfter(ring: Ring, position: number, accepts: (node: number) => boolean): number {
  const size = ring.positions.length;
  const start = firstAtOrAfter(ring.positions, position);
  for (let i = 0; i < size; i++) {
    const node = ring.nodes[(start + i) % size]!;
    if (accepts(node)) return node;
  }
  return -1;
}

function firstAtOrAfter(positions: Uint32Array, position: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positions[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
