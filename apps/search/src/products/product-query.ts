import type { searchProducts } from '@tradewind/contracts';
import type { z } from 'zod';
import type { Query, Sort } from '../search-pages.ts';

export type ProductSearchRequest = z.output<typeof searchProducts.request>;

/** A word in the name says more than one in the description. */
const TEXT_FIELDS = ['name^3', 'description', 'category.words'];
const SORT_FIELD = { name: 'name.sort', price: 'price', createdAt: 'createdAt' } as const;

/** With words to look for, two attempts: all of them as they are, wherever they stand; then, if that finds nothing, forgiving typing errors. */
export function productQueries(request: ProductSearchRequest): readonly [Query, ...Query[]] {
  const filter = productFilters(request);
  const { q } = request;
  if (q === undefined) return [filter.length === 0 ? { match_all: {} } : { bool: { filter } }];
  const words = { query: q, fields: TEXT_FIELDS, operator: 'and' } as const;
  return [
    { bool: { must: [{ multi_match: { ...words, type: 'cross_fields' } }], filter } },
    // Elasticsearch has no cross_fields with fuzziness: here all words must stand in one field.
    { bool: { must: [{ multi_match: { ...words, type: 'best_fields', fuzziness: 'AUTO' } }], filter } },
  ];
}

/** By default the best match first when words were looked for, else the newest. Equals follow their ids in the same direction. */
export function productSort({ q, sort }: ProductSearchRequest): Sort {
  if (sort === undefined && q !== undefined) return [{ _score: { order: 'desc' } }, { productKey: 'desc' }];
  const given = sort ?? '-createdAt';
  const order = given.startsWith('-') ? 'desc' : 'asc';
  const field = SORT_FIELD[given.replace(/^-/, '') as keyof typeof SORT_FIELD];
  return [{ [field]: order }, { productKey: order }];
}

/** Both ends of a price span belong to it; integer minor units, whatever the currency. */
function productFilters({ category, minPrice, maxPrice }: ProductSearchRequest): Query[] {
  const price = {
    ...(minPrice === undefined ? {} : { gte: minPrice }),
    ...(maxPrice === undefined ? {} : { lte: maxPrice }),
  };
  return [
    ...(category === undefined ? [] : [{ term: { category } }]),
    ...(Object.keys(price).length === 0 ? [] : [{ range: { price } }]),
  ];
}
