import { PRODUCT_SORTS, searchProducts } from '@tradewind/contracts';
import { describe, expect, it } from 'vitest';
import { productQueries, productSort } from './product-query.ts';

const request = (members: object) => searchProducts.request.parse({ limit: 20, ...members });
const ask = (filters: object) => productQueries(request(filters));

describe('each filter of a product search', () => {
  it.each([
    ['category', { category: 'Kitchen' }, { term: { category: 'Kitchen' } }],
    ['minPrice', { minPrice: 0 }, { range: { price: { gte: 0 } } }],
    ['maxPrice', { maxPrice: 500 }, { range: { price: { lte: 500 } } }],
    ['both prices', { minPrice: 5, maxPrice: 9 }, { range: { price: { gte: 5, lte: 9 } } }],
  ])('%s', (_name, filters, query) => {
    expect(ask(filters)).toEqual([{ bool: { filter: [query] } }]);
  });

  it('looks for all words as they are first, and forgives typing errors only if that finds nothing', () => {
    const text = { query: 'blue mug', fields: ['name^3', 'description', 'category.words'], operator: 'and' };
    expect(ask({ q: 'blue mug', category: 'Kitchen' })).toEqual([
      {
        bool: {
          must: [{ multi_match: { ...text, type: 'cross_fields' } }],
          filter: [{ term: { category: 'Kitchen' } }],
        },
      },
      {
        bool: {
          must: [{ multi_match: { ...text, type: 'best_fields', fuzziness: 'AUTO' } }],
          filter: [{ term: { category: 'Kitchen' } }],
        },
      },
    ]);
  });

  it('finds everything without a filter', () => {
    expect(ask({})).toEqual([{ match_all: {} }]);
  });
});

describe('the order of products', () => {
  it('is by relevance with words, newest first without, equals by id', () => {
    expect(productSort(request({ q: 'mug' }))).toEqual([{ _score: { order: 'desc' } }, { productKey: 'desc' }]);
    expect(productSort(request({}))).toEqual([{ createdAt: 'desc' }, { productKey: 'desc' }]);
  });

  it.each(PRODUCT_SORTS)('%s', (sort) => {
    const order = sort.startsWith('-') ? 'desc' : 'asc';
    const field = sort.endsWith('name') ? 'name.sort' : sort.replace('-', '');
    expect(productSort(request({ q: 'mug', sort }))).toEqual([{ [field]: order }, { productKey: order }]);
  });
});
