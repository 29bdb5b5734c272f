import { type ProductEventData, searchProducts } from '@tradewind/contracts';
import { noMetrics } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SearchIndex } from '../search-index.ts';
import { SearchPages } from '../search-pages.ts';
import { testAlias, testElastic, testProduct } from '../testing.ts';
import { PRODUCT_FIELDS, productDocument } from './product-index.ts';
import { ProductSearch } from './product-search.ts';

const elastic = testElastic();
const alias = testAlias('products');
const search = new ProductSearch(new SearchPages(elastic, systemClock), alias);
const find = (request: object) => search.find(searchProducts.request.parse({ limit: 100, ...request }));
const names = { 1001: 'Blue mug', 1002: 'apple peeler', 1003: 'Kettle', 1004: 'Teapot', 1005: 'Zester' } as const;

const products: readonly ProductEventData[] = [
  testProduct(1, { name: names[1001], description: 'For coffee', createdAt: '2026-01-05T00:00:00.000Z' }),
  testProduct(2, { name: names[1002], price: { amount: 500, currency: 'EUR' }, createdAt: '2026-01-04T00:00:00.000Z' }),
  testProduct(3, {
    name: names[1003],
    category: 'Kitchen electrics',
    description: 'Steel. Goes well with a blue mug',
    createdAt: '2026-01-03T00:00:00.000Z',
  }),
  testProduct(4, { name: names[1004], description: 'Porcelain', createdAt: '2026-01-02T00:00:00.000Z' }),
  testProduct(5, { name: names[1005], description: 'Steel', createdAt: '2026-01-01T00:00:00.000Z' }),
];

beforeAll(async () => {
  const index = new SearchIndex(
    { name: 'products', alias, fields: PRODUCT_FIELDS, spread: { shards: 1, replicas: 0 } },
    { elastic, metrics: noMetrics, clock: systemClock },
  );
  await index.write(products.map((each) => ({ id: each.productId, version: 1, body: productDocument(each) })));
  await elastic.refresh(alias);
});
afterAll(async () => {
  await elastic.client.indices.delete({ index: `${alias}-*` });
  await elastic.close();
});

describe('products on a real index', () => {
  it.each([
    ['newest first without a sort', {}, [1001, 1002, 1003, 1004, 1005]],
    ['by name, capitals or not', { sort: 'name' }, [1002, 1001, 1003, 1004, 1005]],
    ['by price downwards, equals by id downwards', { sort: '-price' }, [1005, 1004, 1003, 1001, 1002]],
    ['best match first: the name says more than the description', { q: 'blue mug' }, [1001, 1003]],
    ['words of which one is in the name and one in the category', { q: 'kettle electrics' }, [1003]],
    [
      'words of which one is in the description and one in the category',
      { q: 'steel kitchen', sort: 'createdAt' },
      [1005, 1003],
    ],
    ['a whole category, not its words', { category: 'Kitchen' }, [1001, 1002, 1004, 1005]],
    ['prices, both ends inclusive', { minPrice: 500, maxPrice: 500 }, [1002]],
    ['a typing error, when nothing is called so', { q: 'tepot' }, [1004]],
    ['nothing for what nobody sells', { q: 'submarine' }, []],
  ])('%s', async (_name, request, ids) => {
    expect((await find(request)).ids).toEqual(ids.map(String));
  });

  it('pages by relevance, also through what only the forgiving query finds', async () => {
    for (const q of ['steel', 'stel']) {
      const first = await find({ q, limit: 1 });
      const second = await find({ q, limit: 1, mark: first.next });
      expect([...first.ids, ...second.ids].sort()).toEqual(['1003', '1005']);
      expect(second.next).toBeNull();
    }
  });
});
