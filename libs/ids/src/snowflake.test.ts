import { describe, expect, it } from 'vitest';
import { decodeId } from './layout.ts';
import { SnowflakeIds, type SnowflakeLimits } from './snowflake.ts';
import { settled, VirtualClock } from './virtual-clock.testing.ts';
import type { WorkerLease } from './worker-lease.ts';

const NOW = Date.UTC(2026, 5, 1);

/** A lease whose every reservation is noted and succeeds at once, unless `fail` is set. */
class TestLease implements WorkerLease {
  worker = 5;
  highestTime = 0;
  claim = 1;
  held = true;
  fail = false;
  readonly reserved: number[] = [];

  isHeld(): boolean {
    return this.held;
  }

  async reserve(untilMs: number): Promise<void> {
    if (this.fail) throw new Error('etcd is away');
    this.reserved.push(untilMs);
  }
}

async function start(limits: Partial<SnowflakeLimits> = {}, highestTime = 0) {
  const clock = new VirtualClock(NOW);
  const lease = Object.assign(new TestLease(), { highestTime });
  const ids = new SnowflakeIds({ lease, clock, limits });
  const ready = ids.ready();
  await clock.advance(2);
  await ready;
  return { clock, lease, ids, time: (id: string | Promise<string>) => decodeId(id as string).time.getTime() };
}

/** Mints in slot 1 until it has to wait. */
function useUp(ids: SnowflakeIds): Promise<string> {
  for (;;) {
    const id = ids.mint(1);
    if (typeof id !== 'string') return id;
  }
}

const unavailable = expect.objectContaining({ code: 'unavailable' });

describe('SnowflakeIds', () => {
  it('waits for the first reservation and is synchronous from then on', async () => {
    const clock = new VirtualClock(NOW);
    const ids = new SnowflakeIds({ lease: new TestLease(), clock });
    const first = ids.mint(700);
    expect(first).toBeInstanceOf(Promise);
    await clock.advance(1);
    expect(decodeId(await first)).toMatchObject({ slot: 700, worker: 5, sequence: 0, time: new Date(NOW + 1) });
    expect(decodeId(ids.mint(700) as string)).toMatchObject({ slot: 700, worker: 5, sequence: 1 });
  });

  it('counts the sequence for each slot by itself', async () => {
    const { ids } = await start();
    const sequences = [9, 9, 8, 9].map((slot) => decodeId(ids.mint(slot) as string).sequence);
    expect(sequences).toEqual([0, 1, 0, 2]);
  });

  it('reserves ahead in the background, long before the horizon, and no mint ever waits for it', async () => {
    const { ids, clock, lease } = await start();
    for (let ms = 0; ms < 10_000; ms++) {
      expect(typeof ids.mint(1)).toBe('string');
      await clock.advance(1);
    }
    // 3 s steps, each asked for when half of the one before is used.
    expect(lease.reserved.length).toBeGreaterThan(5);
    expect(lease.reserved.length).toBeLessThan(9);
  });

  it('never uses time that is not reserved: while reservations fail it runs to the horizon and refuses there', async () => {
    const { ids, clock, lease, time } = await start();
    const horizon = lease.reserved.at(-1)!;
    lease.fail = true;
    await clock.advance(2_990);
    expect(time(ids.mint(1))).toBeLessThanOrEqual(horizon);
    await clock.advance(100);
    const waiting = ids.mint(1) as Promise<string>;
    const refused = expect(waiting).rejects.toEqual(unavailable);
    await clock.advance(2_100);
    await refused;
    lease.fail = false;
    await clock.advance(100);
    const later = ids.mint(1);
    await clock.advance(60);
    expect(time(await later)).toBeGreaterThan(horizon);
  });

  it.each([1, 500, 10_000])('rides out a step back of %i ms: ids rise, none is repeated', async (back) => {
    const { ids, clock } = await start();
    const seen: bigint[] = [];
    for (let i = 0; i < 3_000; i++) {
      if (i === 1_000) clock.jump(-back);
      const id = ids.mint(1);
      await clock.advance(1);
      seen.push(BigInt(await id));
    }
    expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(seen).size).toBe(3_000);
  });

  it('refuses after a step back of more than 10 s, says how long, and goes on when the clock has come up', async () => {
    const { ids, clock } = await start();
    const before = ids.mint(1) as string;
    clock.jump(-15_000);
    expect(() => ids.mint(1)).toThrow(
      expect.objectContaining({ code: 'unavailable', details: expect.objectContaining({ retryAfter: 5 }) }),
    );
    await clock.advance(5_000);
    const after = ids.mint(1);
    expect(BigInt(await after)).toBeGreaterThan(BigInt(before));
  });

  it('a mark saved at 9 s, ids up to 11 s, a restart with the clock at 10 s: nothing at or below the mark', async () => {
    const { ids, lease, time } = await start({}, NOW + 1_000);
    expect(time(ids.mint(1))).toBeGreaterThan(NOW + 1_000);
    expect(lease.reserved[0]).toBeGreaterThan(NOW + 1_000);
  });

  it('refuses a restart whose mark is farther ahead than a step back may be', () => {
    const clock = new VirtualClock(NOW);
    const ids = new SnowflakeIds({ lease: Object.assign(new TestLease(), { highestTime: NOW + 60_000 }), clock });
    expect(() => ids.mint(1)).toThrow(unavailable);
  });

  it('borrows from the time ahead when the 64 numbers of a ms are used, up to the bound, then waits', async () => {
    const { ids, clock } = await start({ borrowMs: 10 });
    const now = clock.now();
    const seen = new Set<string>();
    for (let id = ids.mint(1); typeof id === 'string'; id = ids.mint(1)) seen.add(id);
    const times = [...seen].map((id) => decodeId(id).time.getTime());
    expect(seen.size).toBe(64 * 11);
    expect(Math.max(...times)).toBe(now + 10);
    const late = ids.mint(1) as Promise<string>;
    await clock.advance(1);
    await settled();
    expect(decodeId(await late).time.getTime()).toBe(now + 11);
    expect(typeof ids.mint(2)).toBe('string');
  });

  it('lets only so many wait', async () => {
    const { ids, clock } = await start({ borrowMs: 0, waiting: 3 });
    const waiting = [useUp(ids), ids.mint(1), ids.mint(1)].map(async (each) => each);
    await expect(ids.mint(1)).rejects.toMatchObject({ code: 'overloaded' });
    await clock.advance(5);
    await Promise.all(waiting);
    await clock.advance(1);
    expect(typeof ids.mint(1)).toBe('string');
  });

  it('mints nothing without its lease, not even for those who wait', async () => {
    const { ids, clock, lease } = await start({ borrowMs: 0 });
    const refused = expect(useUp(ids)).rejects.toEqual(unavailable);
    lease.held = false;
    expect(() => ids.mint(2)).toThrow(expect.objectContaining({ details: expect.objectContaining({ retryAfter: 1 }) }));
    await clock.advance(5);
    await refused;
  });

  it('starts anew under a new claim: its worker id, behind its mark, once time is reserved for it', async () => {
    const { ids, clock, lease, time } = await start();
    void ids.mint(1);
    Object.assign(lease, { claim: 2, worker: 9, highestTime: NOW + 4_000, fail: true });
    const first = ids.mint(1) as Promise<string>;
    await clock.advance(10);
    lease.fail = false;
    await clock.advance(100);
    expect(decodeId(await first).worker).toBe(9);
    expect(time(await first)).toBeGreaterThan(NOW + 4_000);
  });

  it('forgets under a new claim a time to which the wall clock had leapt and from which it came back', async () => {
    const { ids, clock, lease, time } = await start();
    clock.jump(3_600_000);
    const leapt = ids.mint(1);
    await clock.advance(5);
    expect(time(await leapt)).toBeGreaterThan(NOW + 3_000_000);
    clock.jump(-3_600_000);
    expect(() => ids.mint(1)).toThrow(unavailable);
    Object.assign(lease, { claim: 2, worker: 6, highestTime: NOW - 1_000 });
    const id = ids.mint(1);
    await clock.advance(5);
    expect(time(await id)).toBeLessThan(NOW + 1_000);
  });

  it('does not let the late answer to a reservation of the old claim open the horizon of the new one', async () => {
    const { ids, clock, lease } = await start();
    let answer = (): void => {};
    lease.reserve = () => new Promise((resolve) => (answer = resolve));
    await clock.advance(2_000);
    void ids.mint(1);
    Object.assign(lease, { claim: 2, highestTime: clock.now() });
    const answerOld = answer;
    const first = ids.mint(1) as Promise<string>;
    answerOld();
    const refused = expect(first).rejects.toEqual(unavailable);
    await clock.advance(2_500);
    await refused;
  });

  it('takes a clock that tells fractions of a ms', async () => {
    const { ids, clock } = await start();
    clock.jump(7.25);
    expect(decodeId(ids.mint(3) as string)).toMatchObject({ slot: 3, worker: 5, sequence: 0 });
  });

  it('refuses a slot that does not fit its ten bits', async () => {
    const { ids } = await start();
    for (const slot of [-1, 1024, 1.5, Number.NaN]) expect(() => ids.mint(slot)).toThrow(RangeError);
  });
});
