import { ORDER_SORTS, type OrderEventData, searchMark, searchOrders } from '@tradewind/contracts';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SearchPages } from '../search-pages.ts';
import { testAlias, testElastic, testOrder, testOrderId, testOrderIndex } from '../testing.ts';
import { orderDocument } from './order-index.ts';
import { OrderSearch } from './order-search.ts';

const elastic = testElastic();
const pages = new SearchPages(elastic, systemClock);
const aliases: string[] = [];

async function indexOf(orders: readonly OrderEventData[], shards = 1) {
  const alias = testAlias('orders');
  aliases.push(alias);
  const index = testOrderIndex(elastic, alias, shards);
  const write = async (...events: OrderEventData[]) => {
    await index.write(
      events.map((order) => ({ id: order.orderId, version: order.version, body: orderDocument(order) })),
    );
    await elastic.refresh(alias);
  };
  if (orders.length > 0) await write(...orders);
  else await index.ensure();
  const search = new OrderSearch(pages, alias);
  const find = (request: object) =>
    search.find(searchOrders.request.parse({ sort: '-createdAt', limit: 100, ...request }));
  return { alias, write, find };
}
type Searched = Awaited<ReturnType<typeof indexOf>>;

async function allPages(find: Searched['find'], request: object, between?: (page: number) => Promise<void>) {
  const ids: string[] = [];
  let next: unknown;
  for (let page = 0; page === 0 || next !== null; page += 1) {
    const found = await find({ ...request, ...(next === undefined ? {} : { mark: next }) });
    ids.push(...found.ids);
    next = found.next;
    await between?.(page);
  }
  return ids;
}

afterAll(async () => {
  for (const alias of aliases) await elastic.client.indices.delete({ index: `${alias}-*` });
  await elastic.close();
});

describe('each filter on a real index', () => {
  let find: Searched['find'];
  beforeAll(async () => {
    const price = { amount: 500, currency: 'EUR' } as const;
    const line = { productId: '12', name: 'Red kettle', quantity: 1, unitPrice: price };
    ({ find } = await indexOf([
      testOrder(0),
      testOrder(1, { status: 'PAID', version: 2, userId: '9223372036854775806' }),
      testOrder(2, { total: price, lines: [...testOrder(0).lines, line] }),
      testOrder(3, { createdAt: '2026-02-01T00:00:00.000Z', userId: '9223372036854775807' }),
      testOrder(4, { lines: [{ ...line, name: `Poster ${testOrderId(0)}` }] }),
    ]));
  });
  it.each([
    ['none', {}, [3, 4, 2, 1, 0]],
    ['status', { status: 'PAID' }, [1]],
    ['userId, equal to another in all but the last digit', { userId: '9223372036854775807' }, [3]],
    ['productId', { productId: '12' }, [4, 2]],
    ['words spread over two products', { q: 'BLUE kettle' }, [2]],
    ['words of which one is missing', { q: 'blue teapot' }, []],
    ['an order id, also when a product is called like it', { q: testOrderId(0) }, [4, 0]],
    ['nothing but punctuation', { q: '"!\\*' }, []],
    ['from, inclusive', { from: '2026-02-01T00:00:00.000Z' }, [3]],
    ['to, exclusive', { to: '2026-02-01T00:00:00.000Z' }, [4, 2, 1, 0]],
    ['a span in another time zone', { from: '2026-02-01T01:00:00+01:00', to: '2026-02-01T01:00:00.001+01:00' }, [3]],
    ['a time at the edge of the calendar', { from: '9999-12-31T23:59:59-12:00' }, []],
    ['minTotal and maxTotal, inclusive', { minTotal: 500, maxTotal: 500 }, [2]],
    ['several together', { status: 'PENDING_PAYMENT', productId: '11', minTotal: 501 }, [3, 0]],
  ])('%s', async (_name, request, orders) => {
    expect((await find(request)).ids).toEqual(orders.map(testOrderId));
  });
});

describe('each sort', () => {
  const at = (second: number) => `2026-01-31T12:00:0${second}.000Z`;
  it.each(ORDER_SORTS)('%s, with equals by id in the same direction', async (sort) => {
    const { find } = await indexOf(
      [2, 0, 1, 1, 2, 0].map((value, index) =>
        testOrder(index, {
          createdAt: at(value),
          updatedAt: at((value + 1) % 3),
          total: { amount: ((value + 2) % 3) * 9_000_000_000_000_00, currency: 'EUR' },
        }),
      ),
    );
    const shift = { createdAt: 0, updatedAt: 1, total: 2 }[sort.replace('-', '') as 'total'];
    const ascending = [2, 0, 1, 1, 2, 0]
      .map((value, index) => ({ value: (value + shift) % 3, index }))
      .sort((a, b) => a.value - b.value || a.index - b.index)
      .map(({ index }) => testOrderId(index));
    const ids = await allPages(find, { sort, limit: 2 });
    expect(ids).toEqual(sort.startsWith('-') ? ascending.reverse() : ascending);
  });
});

describe('paging', () => {
  it('yields 250 orders of equal sort values exactly once while they change, leave and are joined by others', async () => {
    const orders = Array.from({ length: 250 }, (_, index) => testOrder(index));
    const { find, write } = await indexOf(orders, 2);
    const ids = await allPages(find, { sort: 'updatedAt', limit: 17, status: 'PENDING_PAYMENT' }, async (page) => {
      const changed = [page * 3, page * 5, 249 - page].map((index) =>
        testOrder(index, { version: 2 + page, status: 'PAID', updatedAt: '2026-03-01T00:00:00.000Z' }),
      );
      await write(...changed, testOrder(1000 + page));
    });
    expect(ids).toEqual(orders.map((order) => order.orderId));
  });

  it('ends exactly on the last page: no empty one follows when the number is a multiple of the limit', async () => {
    const { find } = await indexOf([0, 1, 2, 3].map((index) => testOrder(index)));
    const first = await find({ limit: 2 });
    const last = await find({ limit: 2, mark: first.next });
    expect([first.ids, last]).toEqual([[3, 2].map(testOrderId), { ids: [1, 0].map(testOrderId), next: null }]);
  });

  it('answers an empty index with an empty page', async () => {
    const { find } = await indexOf([]);
    expect(await find({})).toEqual({ ids: [], next: null });
  });

  it('makes marks that the contract carries, for an index of one shard and of five', async () => {
    for (const shards of [1, 5]) {
      const { find } = await indexOf(
        [0, 1].map((index) => testOrder(index)),
        shards,
      );
      const { next } = await find({ limit: 1 });
      expect(searchMark.safeParse(JSON.parse(JSON.stringify(next))).success).toBe(true);
      expect(next?.pit.length).toBeLessThan(1000);
    }
  });
});

describe('a mark that is no good is refused as a cursor', () => {
  it('when its point in time is gone, as after it expired', async () => {
    const { find } = await indexOf([0, 1].map((index) => testOrder(index)));
    const { next } = await find({ limit: 1 });
    await elastic.closePit(next?.pit ?? '');
    const again = find({ limit: 1, mark: next });
    await expect(again).rejects.toMatchObject({
      code: 'cursor-invalid',
      details: { detail: expect.stringMatching(/expired/) },
    });
  });

  it.each([
    ['never was one', 'abc'],
    ['is no base64', '§§'],
    ['is empty', ''],
  ])('when its point in time %s', async (_name, pit) => {
    const { find } = await indexOf([testOrder(0)]);
    await expect(find({ mark: { pit, after: [1, 'a'] } })).rejects.toMatchObject({ code: 'cursor-invalid' });
  });

  it.each([
    ['of too few values', []],
    ['of another sort', ['blue', 'mug']],
    ['that are none', [null, null]],
  ])('when it stands behind sort values %s', async (_name, after) => {
    const { find } = await indexOf([0, 1].map((index) => testOrder(index)));
    const { next } = await find({ limit: 1 });
    const found = find({ limit: 1, mark: { pit: next?.pit, after } });
    await expect(found).rejects.toMatchObject({ code: 'cursor-invalid' });
  });
});

describe('without an index or a server', () => {
  it('is unavailable, not an empty list, while the index was not made', async () => {
    const search = new OrderSearch(pages, testAlias('missing'));
    await expect(search.find({ sort: 'total', limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is unavailable at once when nothing listens', async () => {
    const away = testElastic('http://127.0.0.1:1');
    const search = new OrderSearch(new SearchPages(away, systemClock), 'any');
    await expect(search.find({ sort: 'total', limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
    await away.close();
  });
});
