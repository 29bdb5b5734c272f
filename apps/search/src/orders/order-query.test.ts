import { ORDER_SORTS, searchOrders } from '@tradewind/contracts';
import { describe, expect, it } from 'vitest';
import { orderQuery, orderSort } from './order-query.ts';

const ask = (filters: object) =>
  orderQuery(searchOrders.request.parse({ sort: '-createdAt', limit: 20, ...filters })) as {
    bool?: { filter: unknown };
  };

describe('each filter of an order search', () => {
  it.each([
    ['status', { status: 'PAID' }, { term: { status: 'PAID' } }],
    ['userId', { userId: '9223372036854775807' }, { term: { userId: '9223372036854775807' } }],
    ['productId', { productId: '11' }, { term: { productIds: '11' } }],
    ['minTotal', { minTotal: 0 }, { range: { total: { gte: 0 } } }],
    ['maxTotal', { maxTotal: 500 }, { range: { total: { lte: 500 } } }],
    ['both totals', { minTotal: 5, maxTotal: 5 }, { range: { total: { gte: 5, lte: 5 } } }],
    ['words', { q: 'blue mug' }, { match: { names: { query: 'blue mug', operator: 'and' } } }],
    [
      'from, which belongs to the span',
      { from: '2026-01-01T00:00:00.000Z' },
      { range: { createdAt: { gte: Date.UTC(2026, 0, 1), format: 'epoch_millis' } } },
    ],
    [
      'to, which does not, in another time zone',
      { to: '2026-01-01T02:00:00+02:00' },
      { range: { createdAt: { lt: Date.UTC(2026, 0, 1), format: 'epoch_millis' } } },
    ],
  ])('%s', (_name, filters, query) => {
    expect(ask(filters)).toEqual({ bool: { filter: [query] } });
  });

  it('looks for an order id among the ids and among the words, since a product may be called like it', () => {
    const names = { match: { names: { query: '1984', operator: 'and' } } };
    const either = { bool: { should: [names, { term: { orderId: '1984' } }], minimum_should_match: 1 } };
    expect(ask({ q: '1984' })).toEqual({ bool: { filter: [either] } });
  });

  it('takes no number for an id that can be none', () => {
    const names = { match: { names: { query: '9223372036854775808', operator: 'and' } } };
    expect(ask({ q: '9223372036854775808' })).toEqual({ bool: { filter: [names] } });
  });

  it('asks for all of them together', () => {
    const filters = {
      status: 'PAID',
      userId: '1',
      productId: '2',
      q: 'mug',
      from: '2026-01-01T00:00:00Z',
      minTotal: 1,
    };
    expect(ask(filters).bool?.filter).toHaveLength(6);
  });

  it('finds everything without a filter', () => {
    expect(ask({})).toEqual({ match_all: {} });
  });

  it('names the field of a time that is none', () => {
    expect(() => ask({ from: 'yesterday' })).toThrow(
      expect.objectContaining({
        code: 'validation',
        details: expect.objectContaining({ errors: [{ field: 'from', message: expect.any(String) }] }),
      }),
    );
  });
});

it.each(ORDER_SORTS)('sorts by %s, equals by id in the same direction', (sort) => {
  const order = sort.startsWith('-') ? 'desc' : 'asc';
  expect(orderSort(sort)).toEqual([{ [sort.replace('-', '')]: order }, { orderKey: order }]);
});
