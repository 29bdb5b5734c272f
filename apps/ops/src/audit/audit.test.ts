import { expect, test } from 'vitest';
import { audit, type AuditProgress } from './audit.ts';
import type { AuditSources } from './audit-sources.ts';
import { Collected } from './collected.ts';
import type { Invariant } from './invariant.ts';
import { asTable, exitCodeOf, overall } from './report.ts';

const progress: AuditProgress = { onLook: () => {}, onChecked: () => {}, onLooked: () => {} };
const sources = {} as AuditSources;

/** A clock whose sleeps take no time. */
function fastClock() {
  let now = 0;
  return { now: () => now, elapsed: () => now, sleep: async (ms: number) => void (now += ms) };
}

/** An invariant that finds, look after look, what `looks` say; the last one for ever. */
function finding(...looks: (readonly string[] | Error)[]): Invariant {
  let look = 0;
  return {
    id: 'I1',
    says: 'x',
    check: async (_sources, findings) => {
      const found = looks[Math.min(look++, looks.length - 1)]!;
      if (found instanceof Error) throw found;
      findings.checked(5);
      for (const key of found) findings.offence(key, 'rule', `seen at look ${look}`);
    },
  };
}

async function verdictOf(invariant: Invariant, settleMs: number) {
  const [verdict] = await audit(sources, { invariants: [invariant], settleMs, progress, clock: fastClock() });
  return verdict!;
}

test('what was under way at the first look and is done at the second is no offence', async () => {
  expect(await verdictOf(finding(['order 1'], []), 30_000)).toMatchObject({ verdict: 'clean', total: 0, looks: 2 });
});

test('what offends at every look does count; what is new at a later look is a change under way again', async () => {
  const verdict = await verdictOf(
    finding(['order 1', 'order 2'], ['order 2', 'order 3'], ['order 2', 'order 4']),
    5_000,
  );
  expect(verdict).toMatchObject({ verdict: 'violated', total: 1, looks: 6 });
  expect(verdict.offences).toEqual([{ key: 'order 2', rule: 'rule', detail: 'seen at look 6' }]);
});

test('without time to settle the first look decides', async () => {
  expect(await verdictOf(finding(['order 1'], []), 0)).toMatchObject({ verdict: 'violated', looks: 1 });
});

test('a server that is away is waited for; one that stays away makes it unchecked, not clean', async () => {
  const away = new Error('Kafka is away');
  expect(await verdictOf(finding(away, []), 5_000)).toMatchObject({ verdict: 'clean' });
  expect(await verdictOf(finding(away), 5_000)).toMatchObject({ verdict: 'not-checked', reason: 'Kafka is away' });
  expect(await verdictOf(finding(['order 1'], away), 5_000)).toMatchObject({ verdict: 'not-checked', total: 1 });
});

test('names the first offences and counts them all', async () => {
  const keys = Array.from({ length: 50 }, (_, index) => `order ${index}`);
  const verdict = await verdictOf(finding(keys), 0);
  expect(verdict.total).toBe(50);
  expect(verdict.offences).toHaveLength(20);
  expect(asTable([verdict])).toContain('and 30 more');
});

test('one thing that offends twice in one way is one offence', async () => {
  expect(await verdictOf(finding(['order 1', 'order 1']), 0)).toMatchObject({ total: 1 });
});

test('more offences than can be remembered are all held against the next look: none is let off for being forgotten', () => {
  const first = new Collected(undefined, () => {});
  for (let index = 0; index < 100_001; index++) first.offence(`order ${index}`, 'rule', '');
  const second = new Collected(first, () => {});
  second.offence('order 100000', 'rule', '');
  expect(first.total).toBe(100_001);
  expect(second.total).toBe(1);
});

test('a violation outweighs a check that could not be made, and that outweighs a clean one', async () => {
  const clean = await verdictOf(finding([]), 0);
  const violated = await verdictOf(finding(['order 1']), 0);
  const unchecked = await verdictOf(finding(new Error('away')), 0);
  expect([overall([clean]), overall([clean, unchecked]), overall([unchecked, violated])]).toEqual([
    ...['clean', 'not-checked', 'violated'],
  ]);
  expect([exitCodeOf([clean]), exitCodeOf([clean, unchecked]), exitCodeOf([unchecked, violated])]).toEqual([0, 1, 3]);
});
