import { hash } from 'node:crypto';

/**
 * The number of a slot: the unit in which data is placed and moved. A key belongs to one slot for ever; a slot belongs to one shard at a
 * time. The brand is structural on purpose: `@tradewind/ids` spells the same one, and neither lib has to import the other.
 */
export type Slot = number & { readonly __brand: 'Slot' };

/** Users, their orders, payments and wallets. Fixed by the ten bits that an id has for it. */
export const ORDER_SLOTS = 1024;
/** Products and their stock. */
export const PRODUCT_SLOTS = 512;

/** What the `xor` strategy mixes in. Read as unsigned: `^` on JavaScript numbers would make it, and half of all slots, negative. */
const XOR_MASK = 0xa5a5a5a5n;
const DECIMAL = /^(0|[1-9]\d*)$/;

/**
 * How a key finds its slot. The name is written into the shard map, so that a process that hashes otherwise refuses to start.
 *
 * - `md5` (the default) spreads any key: the first four bytes of the digest, big endian, unsigned, modulo the slots.
 * - `modulo` spreads sequential numbers perfectly and ids of a slow Snowflake generator not at all: their low bits are a sequence
 *   that is nearly always zero, so every key lands in one slot.
 * - `xor` only renames the slots of `modulo` while their number is a power of two; it is offered because it is well known.
 */
export const STRATEGIES = {
  md5: (slots: number, key: string): number => Number.parseInt(hash('md5', key, 'hex').slice(0, 8), 16) % slots,
  modulo: (slots: number, key: string): number => Number(decimal(key) % BigInt(slots)),
  xor: (slots: number, key: string): number => Number((decimal(key) ^ XOR_MASK) % BigInt(slots)),
} as const satisfies Record<string, (slots: number, key: string) => number>;

export type Strategy = keyof typeof STRATEGIES;

export function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'string' && Object.hasOwn(STRATEGIES, value);
}

/**
 * @param key a decimal string without leading zeros, of any size; for `md5` any text.
 * @throws RangeError when `modulo` or `xor` meet a key that is no decimal number.
 */
export function slotOf(strategy: Strategy, slots: number, key: string): Slot {
  return STRATEGIES[strategy](slots, key) as Slot;
}

/** The slot of everything that belongs to a user: orders, payments, wallet, cart. */
export function orderSlot(userId: string): Slot {
  return slotOf('md5', ORDER_SLOTS, userId);
}

export function productSlot(productId: string): Slot {
  return slotOf('md5', PRODUCT_SLOTS, productId);
}

/** The slot in which an e-mail address is kept unique; upper and lower case are one address. */
export function emailSlot(email: string): Slot {
  return slotOf('md5', ORDER_SLOTS, email.toLowerCase());
}

/** @throws RangeError unless `value` is a whole number in [0, slots). */
export function asSlot(value: number, slots: number = ORDER_SLOTS): Slot {
  if (!Number.isInteger(value) || value < 0 || value >= slots) throw new RangeError(`no slot ${value} among ${slots}`);
  return value as Slot;
}

function decimal(key: string): bigint {
  if (!DECIMAL.test(key)) throw new RangeError(`this strategy needs a decimal key, not "${key}"`);
  return BigInt(key);
}
