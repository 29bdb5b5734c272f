import { invariant } from '@tradewind/errors';
import { type Log, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import type { EntitySchema, MixedList } from 'typeorm';
import { inTurn } from './in-turn.ts';
import { Shard, SHARD_LIMITS, type ShardLimits } from './shard.ts';
import { isConnectionFailure } from './sql-errors.ts';

/** Pause between two tries to open a shard. */
const REOPEN_MS = 500;

/** What `Shards` needs of the shard map: which shard holds a slot, by which epoch. */
export interface SlotRouter {
  shardOf(slot: number): { readonly shard: string; readonly epoch: number };
}

const NAMED = /^\s*([\w-]+)\s*=(.*)$/s;

/** Parses `name=mysql://…,name=mysql://…`. @throws Error telling which part can't be read, and nothing of its URL, which holds a password */
export function parseShardUrls(text: string): Map<string, string> {
  const urls = new Map<string, string>();
  for (const [index, part] of text.split(',').entries()) {
    if (part.trim() === '') continue;
    const [, name, url = ''] = NAMED.exec(part) ?? [];
    if (name === undefined || !/^\s*(mysql|mariadb):\/\//.test(url))
      throw new Error(`${name ?? `entry ${index + 1}`} is not written as name=mysql://…`);
    if (urls.has(name)) throw new Error(`shard ${name} is named twice`);
    urls.set(name, url.trim().replace(/^mariadb:/, 'mysql:'));
  }
  if (urls.size === 0) throw new Error('no shard is named');
  return urls;
}

export interface OpenOptions {
  readonly entities?: MixedList<Function | EntitySchema>;
  readonly limits?: ShardLimits;
  /** Default 0: one try. */
  readonly withinMs?: number;
  readonly log?: Log;
}

/** All shards of one kind, reached by slot. */
export class Shards {
  readonly #shards: ReadonlyMap<string, Shard>;
  readonly #router: SlotRouter;

  private constructor(shards: ReadonlyMap<string, Shard>, router: SlotRouter) {
    this.#shards = shards;
    this.#router = router;
  }

  /**
   * Opens every shard; one whose server does not answer yet is tried again until `withinMs` is over.
   * @throws the driver's error of a shard that stayed away
   */
  static async open(urls: ReadonlyMap<string, string>, router: SlotRouter, options: OpenOptions = {}): Promise<Shards> {
    const opened = await Promise.all([...urls].map(([name, url]) => openWithin(name, url, options)));
    return new Shards(new Map(opened.map((shard) => [shard.name, shard])), router);
  }

  /** The shard that holds `slot`, and the epoch of the map that says so: what `requireSlots` is to be given. No I/O. */
  at(slot: number): { shard: Shard; epoch: number } {
    const { shard: name, epoch } = this.#router.shardOf(slot);
    const shard = this.#shards.get(name);
    invariant(shard !== undefined, `the shard map names ${name}, which this process has no address for`);
    return { shard, epoch };
  }

  /** Groups things by the shard that holds their slot. */
  group<T>(things: readonly T[], slotOf: (thing: T) => number): { shard: Shard; epoch: number; things: T[] }[] {
    const groups = new Map<string, { shard: Shard; epoch: number; things: T[] }>();
    for (const thing of things) {
      const { shard, epoch } = this.at(slotOf(thing));
      const group = groups.get(shard.name) ?? { shard, epoch, things: [] };
      group.things.push(thing);
      groups.set(shard.name, group);
    }
    return [...groups.values()];
  }

  all(): Shard[] {
    return [...this.#shards.values()];
  }

  /**
   * Reads a list from every shard at once and takes from each in turn: a shard that is away, which the log is told, or that has more than
   * the caller has room for, does not keep the others from being served.
   */
  async inTurn<T>(read: (shard: Shard) => Promise<readonly T[]>, log: Log): Promise<T[]> {
    const lists = this.all().map((shard) =>
      read(shard).catch((error: unknown) => {
        log.warn({ err: error, shard: shard.name }, 'a shard could not be read; the others go on');
        return [];
      }),
    );
    return inTurn(await Promise.all(lists));
  }

  /** Resolves when any shard answers: those whose data lie there can be served, whoever else is away. Rejects when none does. */
  async ping(): Promise<void> {
    await Promise.any(this.all().map((shard) => shard.read('SELECT 1')));
  }

  /** A check of each shard, by its name; it rejects while the shard is away. */
  pings(): Record<string, () => Promise<unknown>> {
    return Object.fromEntries(this.all().map((shard) => [shard.name, () => shard.read('SELECT 1')]));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.all().map((shard) => shard.close()));
  }
}

async function openWithin(name: string, url: string, options: OpenOptions): Promise<Shard> {
  const { entities = [], limits = SHARD_LIMITS, withinMs = 0, log = silentLog } = options;
  const end = systemClock.elapsed() + withinMs;
  for (;;) {
    try {
      return await Shard.open(name, url, entities, limits);
    } catch (error) {
      if (systemClock.elapsed() >= end || !isConnectionFailure(error)) throw error;
      log.warn({ err: error, shard: name }, 'the shard is away; trying again');
      await systemClock.sleep(REOPEN_MS);
    }
  }
}
