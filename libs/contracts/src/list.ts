import { z } from 'zod';

export const LIMIT_DEFAULT = 20;
export const LIMIT_MOST = 100;
/** Characters of a cursor: a point in time of the search index (at most 1500) and sort values, in base64url, and still a legal URL. */
export const CURSOR_MOST = 4000;

/** Query-string integers arrive as text; anything but plain digits is refused. */
export function queryInt(least: number, most: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^[0-9]{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

/** The two members that every list query takes. */
export const pageQuery = {
  limit: queryInt(1, LIMIT_MOST).default(LIMIT_DEFAULT),
  cursor: z.string().min(1).max(CURSOR_MOST).optional(),
};

/** @returns the schema of a list's answer. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
