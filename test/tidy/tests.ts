import { type Complaint, filesThat, type Files, isTest, linesThatMatch } from './repo.ts';

/** A test that is switched off, or that switches the others off. A missing server fails a test, it never skips one. */
const SWITCHED = new RegExp(
  `\\b(?:describe|it|test|suite)(?:\\.\\w+)*\\.(?:${['only', 'skip', 'todo', 'skipIf', 'runIf', 'fails'].join('|')})\\b|\\b[xf](?:it|describe|test)\\(`,
);
const SLEEP = /\bawait (?:sleep|delay|wait|setTimeout)\(|\bsetTimeout\((?:resolve|done|r|ok|release)\b/;
/** How far above a sleep the loop may begin that makes it a poll. */
const POLL_LINES = 12;
const LOOP = /\b(?:while|for)\s*\(|\b(?:until|eventually|waitFor|poll)\w*\(/i;

/** Files that let time pass without a condition: how often, and why there is none to wait for. */
export const SLEEPERS: Readonly<Record<string, readonly [count: number, reason: string]>> = {
  'libs/etcd/src/held-lease.etcd.test.ts': [3, 'a lease outlives its TTL, or a cut: that time passed is the case'],
  'libs/etcd/src/worker-lease.etcd.test.ts': [1, 'nothing is left behind: an absence has no event'],
  'libs/kafka/src/kafka.kafka.test.ts': [1, 'a handler that is slow'],
  'libs/nest/src/batch.test.ts': [1, 'items that take their time, each another one'],
  'libs/redis/src/redis.redis.test.ts': [3, 'a window ends by its time; a server that stays silent'],
  'test/wire/shop.ts': [1, 'the pause between two looks of its polls'],
};

export function switchedComplaints(files: Files): Complaint[] {
  return linesThatMatch(filesThat(files, isTest), SWITCHED, 'switches a test off, or all others');
}

/** A sleep is too short on a slow machine and too long on all others; one inside a loop that looks for something is a poll. */
export function sleepComplaints(files: Files, allowed = SLEEPERS): Complaint[] {
  const proving = filesThat(
    files,
    (file) => isTest(file) || /\btesting\.ts$/.test(file) || (file.startsWith('test/') && file.endsWith('.ts')),
  );
  return proving.flatMap(([file, text]) => {
    const lines = text.split('\n');
    const polls = (index: number): boolean =>
      lines.slice(Math.max(0, index - POLL_LINES), index + 1).some((line) => LOOP.test(line));
    const found = lines.flatMap((line, index) =>
      SLEEP.test(line) && !polls(index) ? [`${file}:${index + 1} sleeps without a condition`] : [],
    );
    return found.length <= (allowed[file]?.[0] ?? 0) ? [] : found;
  });
}
