import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Elastic, connectElastic } from './index.ts';
import { silentLog } from '@tradewind/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const url = process.env['ELASTICSEARCH_URL'];
if (url === undefined) throw new Error('ELASTICSEARCH_URL must name an Elasticsearch server to test against.');

const alias = `tw-test-${randomUUID()}`;
const definition = {
  settings: { number_of_shards: 2, number_of_replicas: 0 },
  properties: { id: { type: 'keyword' }, status: { type: 'keyword' }, total: { type: 'long' } },
} as const;
const FIRST_ID = 9_000_000_000_000_000_000n;
const idOf = (index: number): string => String(FIRST_ID + BigInt(index));
const doc = (index: number, version: number, status = 'PAID') => ({
  id: idOf(index),
  version,
  body: { id: idOf(index), status, total: index },
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

let elastic: Elastic;
beforeAll(() => {
  elastic = connectElastic({ url, log: silentLog });
});
afterAll(async () => {
  await elastic.client.indices.delete({ index: `${alias}*` });
  await elastic.close();
});

describe('ensureIndex', () => {
  it('makes one index when eight processes race, and adds new fields to it later', async () => {
    await Promise.all(Array.from({ length: 8 }, () => elastic.ensureIndex(alias, definition)));
    await elastic.ensureIndex(alias, { properties: { ...definition.properties, note: { type: 'text' } } });
    const mapping = await elastic.client.indices.getMapping({ index: alias });
    expect(Object.keys(mapping)).toEqual([`${alias}-000001`]);
    expect(mapping[`${alias}-000001`]?.mappings).toMatchObject({
      dynamic: 'strict',
      properties: { note: { type: 'text' } },
    });
  });

  it('refuses to change the type of a field behind the alias', async () => {
    const changed = elastic.ensureIndex(alias, { properties: { total: { type: 'keyword' } } });
    await expect(changed).rejects.toThrow(/cannot be changed/);
  });
});

describe('bulkIndex', () => {
  it('never lets an older version overwrite a newer one, and counts it as stale', async () => {
    expect(await elastic.bulkIndex(alias, [doc(0, 2, 'SHIPPED')])).toEqual({ indexed: 1, stale: 0, failed: [] });
    const late = await elastic.bulkIndex(alias, [doc(0, 1, 'PAID'), doc(0, 2, 'PAID'), doc(1, 1)]);
    expect(late).toEqual({ indexed: 1, stale: 2, failed: [] });
    await elastic.refresh(alias);
    const hits = await collect(elastic.scanAll<{ status: string }>(alias, 'id'));
    expect(hits.map((hit) => [hit.id, hit.version, hit.source?.status])).toEqual([
      [idOf(0), 2, 'SHIPPED'],
      [idOf(1), 1, 'PAID'],
    ]);
  });

  it('answers for each document by itself: a field that the mapping does not know fails alone', async () => {
    const odd = { id: '7', version: 1, body: '{"id":"7","colour":"red"}' };
    const { indexed, failed } = await elastic.bulkIndex(alias, [doc(0, 3), odd, doc(1, 2)]);
    expect(indexed).toBe(2);
    expect(failed).toMatchObject([
      { id: '7', status: 400, type: 'strict_dynamic_mapping_exception', retriable: false },
    ]);
  });

  it('makes no index out of a missing alias', async () => {
    const { failed } = await elastic.bulkIndex(`${alias}-missing`, [doc(0, 1)]);
    expect(failed).toMatchObject([{ status: 404 }]);
  });

  it('cuts a large bulk by count and by bytes', async () => {
    const small = connectElastic({ url, log: silentLog, limits: { bulkDocsMost: 7, bulkBytesMost: 300 } });
    const docs = Array.from({ length: 40 }, (_, index) => doc(index + 10, 1));
    expect((await small.bulkIndex(alias, docs)).indexed).toBe(40);
    await small.close();
  });
});

describe('searching', () => {
  it('pages through 63-bit ids that differ in the last digit, none twice, none missing, while writes go on', async () => {
    await elastic.refresh(alias);
    const seen: string[] = [];
    for await (const hit of elastic.scanAll(alias, 'id', { pageSize: 7, source: false })) {
      if (seen.length === 5) await elastic.bulkIndex(alias, [doc(500, 1)]);
      if (seen.length === 6) await elastic.refresh(alias);
      expect(hit.source).toBeUndefined();
      seen.push(hit.id);
    }
    const expected = [0, 1, ...Array.from({ length: 40 }, (_, index) => index + 10)].map(idOf);
    expect(seen).toEqual(expected);
  });

  it('goes on from any sort key, with filters, without a total', async () => {
    const pitId = await elastic.openPit(alias);
    const query = {
      pitId,
      query: { term: { status: 'PAID' } },
      sort: [{ total: 'desc' }, { id: 'asc' }],
      size: 3,
    } as const;
    const first = await elastic.searchPage({ ...query, sort: [...query.sort] });
    const after = first.hits.at(-1)?.sort ?? [];
    const second = await elastic.searchPage({ ...query, sort: [...query.sort], pitId: first.pitId, after });
    expect([...first.hits, ...second.hits].map((hit) => hit.sort[0])).toEqual([500, 49, 48, 47, 46, 45]);
    await elastic.closePit(second.pitId);
  });

  it('refuses a point in time that is gone', async () => {
    const pitId = await elastic.openPit(alias);
    await elastic.closePit(pitId);
    const gone = elastic.searchPage({ pitId, sort: [{ id: 'asc' }], size: 1 });
    await expect(gone).rejects.toMatchObject({ code: 'cursor-invalid' });
  });

  it('closes the point in time when the reader leaves early', async () => {
    const open = async (): Promise<number> => {
      const stats = await elastic.client.nodes.stats({ metric: 'indices', index_metric: 'search' });
      return Object.values(stats.nodes).reduce((sum, node) => sum + (node.indices?.search?.open_contexts ?? 0), 0);
    };
    const before = await open();
    for await (const hit of elastic.scanAll(alias, 'id', { pageSize: 2 })) if (hit.id !== '') break;
    expect(await open()).toBe(before);
  });

  it('notices a 63-bit number that JSON has rounded instead of passing it on', async () => {
    await elastic.ensureIndex(`${alias}-long`, { properties: { n: { type: 'long' } } });
    await elastic.bulkIndex(`${alias}-long`, [{ id: '1', version: 1, body: '{"n":9000000000000000001}' }]);
    await elastic.refresh(`${alias}-long`);
    await expect(collect(elastic.scanAll(`${alias}-long`, 'n'))).rejects.toThrow(/rounded/);
  });
});

describe('a server that takes long', () => {
  it('gets as long as the call allows: a bulk may outlast the limit of a search', async () => {
    const slow = createServer((_request, response) => {
      setTimeout(() => response.setHeader('x-elastic-product', 'Elasticsearch').end('{}'), 2_500);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const limits = { searchMs: 1_000, bulkMs: 10_000, retriesMost: 0 };
    const patient = connectElastic({ url: `http://127.0.0.1:${port}`, log: silentLog, limits });
    const [read, write] = await Promise.allSettled([patient.openPit('x'), patient.refresh('x')]);
    expect([read, write]).toMatchObject([{ reason: { code: 'unavailable' } }, { status: 'fulfilled' }]);
    await patient.close();
    slow.close();
  });
});

describe('without a server', () => {
  it('answers in time: a read is refused, a write is unknown, a ping says no', async () => {
    const away = connectElastic({ url: 'http://127.0.0.1:1', log: silentLog });
    expect(await away.ping()).toBe(false);
    await expect(away.openPit('x')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(away.bulkIndex('x', [doc(0, 1)])).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await away.close();
  });
});
