import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asSlot,
  emailSlot,
  ORDER_SLOTS,
  orderSlot,
  PRODUCT_SLOTS,
  productSlot,
  slotOf,
  type Strategy,
} from './slot.ts';

const key = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const strategy = fc.constantFrom<Strategy>('md5', 'modulo', 'xor');
const slots = fc.constantFrom(1, 7, 512, 1000, 1024);

describe('slotOf', () => {
  it('answers as the formula of each strategy, written in another way', () => {
    fc.assert(
      fc.property(key, slots, (id, count) => {
        expect(slotOf('md5', count, id)).toBe(createHash('md5').update(id).digest().readUInt32BE(0) % count);
        expect(slotOf('modulo', count, id)).toBe(Number(BigInt(id) % BigInt(count)));
        expect(slotOf('xor', count, id)).toBe(Number((BigInt(id) ^ BigInt('2779096485')) % BigInt(count)));
      }),
    );
  });

  it('is never negative nor out of range, up to the largest id', () => {
    fc.assert(
      fc.property(strategy, slots, key, (name, count, id) => {
        expect(asSlot(slotOf(name, count, id), count)).toBeGreaterThanOrEqual(0);
      }),
    );
    // The form that is printed everywhere, with 32-bit signed `^`, is negative here.
    expect((1 ^ 0xa5a5a5a5) % 512).toBeLessThan(0);
    expect(slotOf('xor', 512, '1')).toBe(0x1a4);
    expect(slotOf('xor', 1024, '9223372036854775807')).toBe(0x25a);
  });

  it('is fixed for ever: values that every process and every language must agree on', () => {
    expect(orderSlot('42')).toBe(0xa1d0c6e8 % 1024);
    expect(orderSlot('9223372036854775807')).toBe(
      createHash('md5').update('9223372036854775807').digest().readUInt32BE(0) % 1024,
    );
    expect(productSlot('42')).toBe(0xa1d0c6e8 % 512);
  });

  it('takes text keys with md5, and tells a text key from a number with the others', () => {
    expect(emailSlot('Ann@Example.com')).toBe(emailSlot('ann@example.COM'));
    for (const bad of ['', 'ann@example.com', '-1', '01', '0x10', '1.5']) {
      expect(() => slotOf('modulo', 1024, bad)).toThrow(/needs a decimal key/);
      expect(() => slotOf('xor', 1024, bad)).toThrow(RangeError);
    }
  });
});

/** How the keys spread over four shards of equal slots: 5 % means that the fullest has 1.05 times its share. */
function skew(name: Strategy, keys: Iterable<bigint>, count = ORDER_SLOTS): number {
  const shards = [0, 0, 0, 0];
  let total = 0;
  for (const id of keys) {
    shards[Math.floor((slotOf(name, count, String(id)) * 4) / count)]!++;
    total++;
  }
  return Math.max(...shards) / (total / 4) - 1;
}

function* keys(count: number, at: (index: bigint) => bigint): Generator<bigint> {
  for (let i = 0n; i < count; i++) yield at(i);
}

describe('how strategies spread 100,000 keys', () => {
  const sequential = (i: bigint) => i + 1n;
  /** One id per ms, sequence and worker always zero, as a quiet Snowflake generator makes them. */
  const slowSnowflake = (i: bigint) => (i + 1_000_000n) << 22n;
  const multiples = (i: bigint) => i * 1024n;

  it.each([
    ['sequential', sequential],
    ['slow Snowflake', slowSnowflake],
    ['multiples of 1024', multiples],
  ])('md5 keeps the skew below 0.05: %s', (_, at) => {
    expect(skew('md5', keys(100_000, at))).toBeLessThan(0.05);
    expect(skew('md5', keys(100_000, at), PRODUCT_SLOTS)).toBeLessThan(0.05);
  });

  it.each(['modulo', 'xor'] as const)('%s spreads sequential keys, and puts slow Snowflake ids in one slot', (name) => {
    expect(skew(name, keys(100_000, sequential))).toBeLessThan(0.01);
    expect(skew(name, keys(10_000, slowSnowflake))).toBe(3);
    expect(skew(name, keys(10_000, multiples))).toBe(3);
  });
});
