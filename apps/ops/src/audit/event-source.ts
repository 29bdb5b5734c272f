import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KafkaConnection } from '@tradewind/kafka';
import { CommandFailure, sentenceOf } from '../failure.ts';
import type { EventSource, EventVersions } from './audit-sources.ts';

/** Memory that the notes may take, KiB; the rest of them lies on disk. */
const CACHE_KIB = 64 * 1024;
const NOTES_A_TRANSACTION = 10_000;
const PAGE_IDS = 1_000;

/** The events of `topic`. */
export function eventSource(kafka: KafkaConnection, topic: string): EventSource {
  return {
    versions: async (onMessage) => {
      const notes = new VersionNotes();
      try {
        await kafka.readTopic(topic, ({ aggregateId, version }) => {
          notes.add(aggregateId, version);
          onMessage();
        });
        return notes;
      } catch (error) {
        notes.close();
        throw new CommandFailure(`Kafka's topic ${topic} can't be read: ${sentenceOf(error)}`);
      }
    },
  };
}

/**
 * Which versions of which aggregates have come, in the order of their first coming. A topic holds its keys in no order and can be larger than any
 * memory, so they are noted in a database of our own, in a temporary folder, which needs no durability: it lives as long as one look.
 */
export class VersionNotes implements EventVersions {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tradewind-audit-'));
  readonly #db = new DatabaseSync(join(this.#folder, 'versions.sqlite'));
  readonly #add;
  readonly #page;
  readonly #one;
  #uncommitted = 0;

  constructor() {
    this.#db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
    // Versions as text between commas, `,1,2,3,`: an order has a handful of them.
    this.#db.exec('CREATE TABLE note (id TEXT PRIMARY KEY, versions TEXT NOT NULL) WITHOUT ROWID');
    this.#add = this.#db.prepare(
      `INSERT INTO note (id, versions) VALUES (?1, ',' || ?2 || ',') ON CONFLICT (id) DO UPDATE
       SET versions = versions || ?2 || ',' WHERE instr(versions, ',' || ?2 || ',') = 0`,
    );
    this.#page = this.#db.prepare('SELECT id FROM note WHERE id > ? ORDER BY id LIMIT ?');
    this.#one = this.#db.prepare('SELECT versions FROM note WHERE id = ?');
    this.#db.exec('BEGIN');
  }

  add(id: string, version: number): void {
    this.#add.run(id, String(version));
    if (++this.#uncommitted % NOTES_A_TRANSACTION === 0) this.#db.exec('COMMIT; BEGIN');
  }

  of(ids: readonly string[]): Map<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    for (const id of ids) {
      const row = this.#one.get(id) as { versions: string } | undefined;
      if (row !== undefined) found.set(id, row.versions.slice(1, -1).split(',').map(Number));
    }
    return found;
  }

  *orderIds(): Generator<string[], void, undefined> {
    for (let last = ''; ;) {
      const ids = (this.#page.all(last, PAGE_IDS) as { id: string }[]).map((row) => row.id);
      if (ids.length > 0) yield ids;
      if (ids.length < PAGE_IDS) return;
      last = ids.at(-1)!;
    }
  }

  close(): void {
    this.#db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
