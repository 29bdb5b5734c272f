import { z } from 'zod';

/** The largest id: 63 bits, so that a signed BIGINT holds it everywhere. */
export const ID_MOST = '9223372036854775807';

/** Decimal string of 1 to 2^63 - 1 without a leading zero; never a JSON number, which would round it. */
export const id = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, { error: 'must be a decimal id', abort: true })
  // Of two numbers of the same length the smaller is the smaller text.
  .refine((text) => text.length < ID_MOST.length || text <= ID_MOST, `must be at most ${ID_MOST}`)
  .meta({ id: 'Id', description: 'A 63-bit id as a decimal string', example: '251234567890123456' });
