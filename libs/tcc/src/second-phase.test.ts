import { noMetrics, silentLog } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { expect, test } from 'vitest';
import { AskBack } from './ask-back.ts';
import type { Decision } from './decision.ts';
import { Resolver } from './resolver.ts';

/** Time that moves only when told. */
function handClock(): Clock & { at: number } {
  const clock = {
    at: 1_000_000,
    now: () => clock.at,
    elapsed: () => clock.at,
    sleep: () => new Promise<void>(() => {}),
  };
  return clock;
}

const tools = (clock: Clock) => ({ log: silentLog, metrics: noMetrics, clock });

interface Note {
  readonly order: string;
  readonly version: number;
}

function table(notes: Note[], carryOut: (note: Note) => Promise<void>, sweeps = () => true) {
  return {
    key: (note: Note) => note.order,
    pending: async () => [...notes],
    carryOut,
    remove: async (note: Note) => void notes.splice(notes.indexOf(note), 1),
    sweeps,
  };
}

test('a decision that can not be carried out stays noted, is tried again after its back-off, and is forgotten when done', async () => {
  const clock = handClock();
  const notes: Note[] = [{ order: 'a', version: 2 }];
  let away = true;
  let calls = 0;
  const carryOut = async (): Promise<void> => {
    calls += 1;
    if (away) throw new Error('participant away');
  };
  const resolver = new Resolver(table(notes, carryOut), tools(clock));
  await resolver.resolve(notes[0]!);
  await resolver.sweep();
  expect(notes).toHaveLength(1);
  away = false;
  clock.at += 60_000;
  const before = calls;
  await resolver.sweep();
  expect({ notes: notes.length, more: calls - before }).toEqual({ notes: 0, more: 1 });
});

test('two decisions of one order are carried out one after the other, in the order given', async () => {
  const notes: Note[] = [
    { order: 'a', version: 2 },
    { order: 'a', version: 3 },
  ];
  const seen: string[] = [];
  const carryOut = async (note: Note): Promise<void> => {
    seen.push(`start ${note.version}`);
    await Promise.resolve();
    seen.push(`end ${note.version}`);
  };
  const resolver = new Resolver(table(notes, carryOut), tools(handClock()));
  await Promise.all(notes.slice().map((note) => resolver.resolve(note)));
  expect(seen).toEqual(['start 2', 'end 2', 'start 3', 'end 3']);
});

test('many decisions that can not be carried out yet do not hide the others', async () => {
  const clock = handClock();
  const notes: Note[] = Array.from({ length: 500 }, (_, at) => ({ order: String(at).padStart(3, '0'), version: 2 }));
  const carryOut = async ({ order }: Note): Promise<void> => {
    if (order < '490') throw new Error('participant away');
  };
  const pending = async (_: Date, limit: number, after: Note | undefined) =>
    notes.filter((note) => after === undefined || note.order > after.order).slice(0, limit);
  const resolver = new Resolver({ ...table(notes, carryOut), pending }, tools(clock));
  for (let sweep = 0; sweep < 3; sweep++) await resolver.sweep();
  expect(notes.at(-1)?.order).toBe('489');
});

test('a process without the duty sweeps nothing', async () => {
  const notes: Note[] = [{ order: 'a', version: 2 }];
  const resolver = new Resolver(
    table(
      notes,
      async () => {},
      () => false,
    ),
    tools(handClock()),
  );
  await resolver.sweep();
  expect(notes).toHaveLength(1);
});

test('a silent coordinator leaves the branch frozen and is asked again; an answer ends it', async () => {
  const clock = handClock();
  const branch = { askAt: clock.at };
  const answers: (Decision | undefined | Error)[] = [
    new Error('away'),
    undefined,
    { decision: 'wait', askAt: new Date(clock.at + 90_000) },
    { decision: 'cancel' },
  ];
  const settled: string[] = [];
  const asks = new AskBack<typeof branch>(
    {
      due: async (now) => (settled.length === 0 && branch.askAt <= now.getTime() ? [branch] : []),
      ask: async () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return [answer];
      },
      settle: async (_branch, decision) => void settled.push(decision),
      postpone: async (each, askAt) => void (each.askAt = askAt.getTime()),
    },
    tools(clock),
  );
  for (let round = 0; round < 3; round++) {
    await asks.round();
    expect(settled).toEqual([]);
    clock.at = branch.askAt;
  }
  await asks.round();
  expect(settled).toEqual(['cancel']);
});

test('a branch that can not follow its answer does not keep the later ones from theirs', async () => {
  const clock = handClock();
  const settled: string[] = [];
  const postponed: string[] = [];
  const asks = new AskBack<string>(
    {
      due: async () => ['poison', 'hopeless', 'good'],
      ask: async (branches) => branches.map(() => ({ decision: 'confirm' })),
      settle: async (branch) => {
        if (branch !== 'good') throw new Error('in another phase');
        settled.push(branch);
      },
      postpone: async (branch) => {
        postponed.push(branch);
        if (branch === 'hopeless') throw new Error('the database is away too');
      },
    },
    tools(clock),
  );
  await asks.round();
  expect({ settled, postponed }).toEqual({ settled: ['good'], postponed: ['poison', 'hopeless'] });
});

test('after an outage a full round is followed by the next at once, and few branches are settled at a time', async () => {
  const clock = handClock();
  let left = 450;
  let running = 0;
  let most = 0;
  const done = Promise.withResolvers<void>();
  const asks = new AskBack<number>(
    {
      due: async (_now, limit) => Array.from({ length: Math.min(limit, left) }, (_, n) => n),
      ask: async (branches) => branches.map(() => ({ decision: 'cancel' })),
      settle: async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running -= 1;
        left -= 1;
        if (left === 0) done.resolve();
      },
      postpone: async () => {},
    },
    tools(clock),
  );
  asks.start();
  // The clock never moves: a pause would last for ever.
  await done.promise;
  expect(most).toBeLessThanOrEqual(8);
});
