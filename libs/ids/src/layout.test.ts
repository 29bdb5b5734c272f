import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeId, EPOCH_MS, encodeId, isId, slotOfId, TICKS } from './layout.ts';

const below = (limit: number) => fc.integer({ min: 0, max: limit - 1 });

describe('the layout of an id', () => {
  it('spells the number that shifting bits as bigints spells, and reads it back', () => {
    const parts = fc.tuple(
      fc.maxSafeInteger().map((n) => Math.abs(n) % TICKS),
      below(1024),
      below(64),
      below(64),
    );
    fc.assert(
      fc.property(parts, ([tick, slot, worker, sequence]) => {
        fc.pre(tick + slot + worker + sequence > 0);
        const id = encodeId(tick, slot, worker, sequence);
        const bits = (BigInt(tick) << 22n) | (BigInt(slot) << 12n) | (BigInt(worker) << 6n) | BigInt(sequence);
        expect(id).toBe(String(bits));
        expect(decodeId(id)).toEqual({ time: new Date(EPOCH_MS + tick), slot, worker, sequence });
        expect(slotOfId(id)).toBe(slot);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds at the edges: the largest id of all, and times whose decimal halves need padding', () => {
    expect(encodeId(TICKS - 1, 1023, 63, 63)).toBe('9223372036854775807');
    expect(slotOfId('9223372036854775807')).toBe(1023);
    expect(encodeId(0, 0, 0, 1)).toBe('1');
    for (const tick of [1, 999_999, 1_000_000, 1_000_001]) {
      expect(encodeId(tick, 0, 0, 0)).toBe(String(BigInt(tick) << 22n));
    }
  });

  it('sorts as text does within one length, so ids of a slot can be compared without a bigint', () => {
    const ticks = fc.tuple(below(1e12), below(1e12));
    fc.assert(
      fc.property(ticks, ([a, b]) => {
        const [x, y] = [encodeId(1e12 + a, 5, 6, 7), encodeId(1e12 + b, 5, 6, 7)];
        expect(x.length).toBe(y.length);
        expect(x < y).toBe(a < b);
      }),
    );
  });
});

describe('isId', () => {
  it.each(['1', '9223372036854775807', '1000000000000000000'])('takes %s', (text) => expect(isId(text)).toBe(true));

  it.each([
    '0',
    '',
    '-1',
    '01',
    '1.0',
    '1e3',
    ' 1',
    '1\n',
    '9223372036854775808',
    '10000000000000000000',
    '٣',
    7,
    null,
  ])('refuses %j', (text) => expect(isId(text)).toBe(false));

  it('guards the decoders', () => {
    expect(() => decodeId('9223372036854775808')).toThrow(RangeError);
    expect(() => slotOfId('abc')).toThrow(RangeError);
  });
});
