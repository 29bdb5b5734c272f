import { checkShardMap, checkShards, type MapName, type Shard, type ShardMap, type SlotMove } from './shard-map.ts';
import { ShardMapInvalid } from './shard-map-invalid.ts';
import type { Strategy } from './slot.ts';

/**
 * The map as JSON, in etcd and in a process's cached copy.
 *
 * Owners are written by shard, as ranges of slots (`"order-0": "0-3,9,17-20"`): short, readable for people, and redundant enough
 * that a hole or a slot with two owners can be told; a list of owners by slot could not even express them. Fields that a reader does
 * not know are ignored, so that later versions can add some; `format` changes only when an old reader would misunderstand.
 */
const FORMAT = 1;
const RANGE = /^(\d{1,4})(?:-(\d{1,4}))?$/;

/** @throws ShardMapInvalid rather than write a map that nobody could read. */
export function encodeShardMap(map: ShardMap): string {
  checkShardMap(map);
  const { name, epoch, strategy, slots, shards, moves } = map;
  const owners = Object.fromEntries(shards.map((shard, index) => [shard.name, rangesOf(map.owners, index)]));
  return JSON.stringify({ format: FORMAT, name, epoch, strategy, slots, shards, owners, moves });
}

/**
 * @param expected what the process was configured for; a map that says otherwise is refused.
 * @throws ShardMapInvalid
 */
export function decodeShardMap(text: string, expected: { name?: MapName; strategy?: Strategy } = {}): ShardMap {
  const json = parseObject(text);
  if (json['format'] !== FORMAT) throw new ShardMapInvalid('format', `${String(json['format'])} instead of ${FORMAT}`);
  const shards = readList(json['shards'], 'shards').map(readShard);
  checkShards(shards);
  const map: ShardMap = {
    name: json['name'] as MapName,
    epoch: json['epoch'] as number,
    strategy: json['strategy'] as Strategy,
    slots: json['slots'] as number,
    shards,
    owners: readOwners(json['owners'], json['slots'], shards),
    moves: readList(json['moves'], 'moves').map(readMove),
  };
  checkShardMap(map);
  for (const field of ['name', 'strategy'] as const) {
    const wanted = expected[field];
    if (wanted !== undefined && map[field] !== wanted) {
      throw new ShardMapInvalid(field, `this process works with "${wanted}", the map with "${map[field]}"`);
    }
  }
  return map;
}

function rangesOf(owners: readonly number[], index: number): string {
  const ranges: string[] = [];
  for (let slot = 0; slot < owners.length; slot++) {
    if (owners[slot] !== index) continue;
    const first = slot;
    while (owners[slot + 1] === index) slot++;
    ranges.push(first === slot ? `${first}` : `${first}-${slot}`);
  }
  return ranges.join(',');
}

function readOwners(value: unknown, slots: unknown, shards: readonly Shard[]): number[] {
  if (typeof slots !== 'number' || !Number.isInteger(slots) || slots < 1 || slots > 65_536) {
    throw new ShardMapInvalid('slots', String(slots));
  }
  const owners = Array.from<number>({ length: slots }).fill(-1);
  for (const [name, ranges] of Object.entries(asObject(value, 'owners'))) {
    const index = shards.findIndex((shard) => shard.name === name);
    if (index < 0) throw new ShardMapInvalid('unknown-shard', `"${name}" owns slots and is not among the shards`);
    for (const slot of slotsOf(ranges, slots)) {
      const other = shards[owners[slot] ?? -1];
      if (other !== undefined) throw new ShardMapInvalid('double-owner', `slot ${slot}: ${other.name} and ${name}`);
      owners[slot] = index;
    }
  }
  const hole = owners.indexOf(-1);
  if (hole >= 0) throw new ShardMapInvalid('hole', `slot ${hole} has no owner`);
  return owners;
}

function* slotsOf(ranges: unknown, slots: number): Generator<number> {
  if (typeof ranges !== 'string') throw new ShardMapInvalid('format', 'owners are ranges, such as "0-3,9"');
  for (const range of ranges === '' ? [] : ranges.split(',')) {
    const match = RANGE.exec(range);
    if (!match) throw new ShardMapInvalid('format', `"${range}" is no range of slots`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) throw new ShardMapInvalid('format', `"${range}" runs backwards`);
    if (last >= slots) throw new ShardMapInvalid('length', `slot ${last} in a map of ${slots}`);
    for (let slot = first; slot <= last; slot++) yield slot;
  }
}

function readShard(value: unknown): Shard {
  const { name, weight, state } = asObject(value, 'shards') as unknown as Shard;
  return { name, weight, state };
}

function readMove(value: unknown): SlotMove {
  const { slot, from, to, state } = asObject(value, 'moves') as unknown as SlotMove;
  return { slot, from, to, state };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ShardMapInvalid('format', 'not JSON');
  }
  return asObject(value, 'map');
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ShardMapInvalid('format', `${what}: an object is needed`);
}

function readList(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ShardMapInvalid('format', `${what}: a list is needed`);
}
