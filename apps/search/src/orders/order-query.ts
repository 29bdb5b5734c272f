import { id, type searchOrders } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { z } from 'zod';
import type { Query, Sort } from '../search-pages.ts';

export type OrderSearchRequest = z.output<typeof searchOrders.request>;

/** Filters only: an order matches or it doesn't, so nothing is scored. */
export function orderQuery(request: OrderSearchRequest): Query {
  const { q, productId, userId, status, from, to, minTotal, maxTotal } = request;
  const filter: Query[] = [
    ...(q === undefined ? [] : [nameOrId(q)]),
    ...(productId === undefined ? [] : [{ term: { productIds: productId } }]),
    ...(userId === undefined ? [] : [{ term: { userId } }]),
    ...(status === undefined ? [] : [{ term: { status } }]),
    ...createdBetween(from, to),
    ...totalBetween(minTotal, maxTotal),
  ];
  return filter.length === 0 ? { match_all: {} } : { bool: { filter } };
}

/** Newest, cheapest and so on first; orders that are equal in that follow their ids, in the same direction. */
export function orderSort(sort: OrderSearchRequest['sort']): Sort {
  const order = sort.startsWith('-') ? 'desc' : 'asc';
  return [{ [sort.replace(/^-/, '')]: order }, { orderKey: order }];
}

/** Every word stands in the names of what was ordered, or the text is the order's id. */
function nameOrId(q: string): Query {
  const names: Query = { match: { names: { query: q, operator: 'and' } } };
  if (!id.safeParse(q).success) return names;
  return { bool: { should: [names, { term: { orderId: q } }], minimum_should_match: 1 } };
}

/** `from` belongs to the span, `to` does not, so that one day's end can be the next day's start. */
function createdBetween(from: string | undefined, to: string | undefined): Query[] {
  if (from === undefined && to === undefined) return [];
  const bounds = {
    ...(from === undefined ? {} : { gte: milliseconds('from', from) }),
    ...(to === undefined ? {} : { lt: milliseconds('to', to) }),
  };
  // As numbers: an offset of hours can carry a time out of the four-digit years that the field's own format takes.
  return [{ range: { createdAt: { ...bounds, format: 'epoch_millis' } } }];
}

/** Both ends belong to the span; integer minor units, whatever the currency. */
function totalBetween(least: number | undefined, most: number | undefined): Query[] {
  if (least === undefined && most === undefined) return [];
  return [
    {
      range: {
        total: { ...(least === undefined ? {} : { gte: least }), ...(most === undefined ? {} : { lte: most }) },
      },
    },
  ];
}

function milliseconds(field: string, text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  const message = 'must be an RFC 3339 time';
  throw new Refusal('validation', { detail: `${field}: ${message}`, errors: [{ field, message }] });
}
