import { createOutboxStore, type ParkedEvent, type ParkedEvents, Shard } from '@tradewind/mysql';
import { eventId } from '@tradewind/outbox';
import { CommandFailure, sentenceOf } from '../failure.ts';

const PAGE_EVENTS = 100;

/** Every shard that has an outbox, by its name. */
export type OutboxUrls = ReadonlyMap<string, string>;

/** Every parked event, shard by shard, in the order of the table's key. @throws CommandFailure naming the shard that can't be reached */
export async function* parkedEvents(urls: OutboxUrls): AsyncGenerator<{ shard: string; event: ParkedEvent }> {
  for (const [name, url] of urls) {
    const shard = await openShard(name, url);
    try {
      for await (const event of walk(createOutboxStore(shard))) yield { shard: name, event };
    } finally {
      await shard.close();
    }
  }
}

/**
 * Puts a parked event back in line, or deletes it for good.
 * @param id as `eventId` spells it
 * @returns the event as it was
 * @throws CommandFailure when there is no such shard, or no such event is parked there
 */
export async function settleParked(
  urls: OutboxUrls,
  name: string,
  id: string,
  how: 'replay' | 'discard',
): Promise<ParkedEvent> {
  const url = urls.get(name);
  if (url === undefined) throw new CommandFailure(`no shard with an outbox is named ${name}`);
  const shard = await openShard(name, url);
  try {
    const outbox = createOutboxStore(shard);
    for await (const event of walk(outbox)) if (eventId(event) === id && (await outbox[how](event))) return event;
  } finally {
    await shard.close();
  }
  throw new CommandFailure(`${name} has no parked event ${id}`);
}

async function* walk(outbox: ParkedEvents): AsyncGenerator<ParkedEvent> {
  for (let after: ParkedEvent | undefined; ;) {
    const page = await outbox.parked(PAGE_EVENTS, after);
    yield* page;
    if (page.length < PAGE_EVENTS) return;
    after = page.at(-1);
  }
}

function openShard(name: string, url: string): Promise<Shard> {
  return Shard.open(name, url).catch((error: unknown) => {
    throw new CommandFailure(`${name} can't be reached: ${sentenceOf(error)}`);
  });
}
