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
  const points: { position: number; node: number }[] = [];
  nodes.forEach(({ name, weight }, node) => {
    const count = Math.ceil(VIRTUAL_NODES * weight);
    for (let i = 0; i < count; i++) points.push({ position: ringPosition(`${name}#${i}`), node });
  });
  // Two points on one position (about one pair in 2^32 / points) are told apart by name, or the ring would depend on the order of shards.
  points.sort((a, b) => a.position - b.position || (nodes[a.node]!.name < nodes[b.node]!.name ? -1 : 1));
  return { positions: Uint32Array.from(points, (p) => p.position), nodes: Uint16Array.from(points, (p) => p.node) };
}

/** The first four bytes of md5, big endian: well spread and the same in every language. */
export function ringPosition(text: string): number {
  return Number.parseInt(hash('md5', text, 'hex').slice(0, 8), 16);
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
