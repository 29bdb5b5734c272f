import { expect, test } from 'vitest';
import { CHEAP } from '../storefront.testing.ts';
import { HASH_COST, Passwords } from './passwords.ts';

test('a hash is in the PHC format at the cost that OWASP asks for, and two of one password differ', async () => {
  const passwords = new Passwords();
  const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(HASH_COST).toEqual({ memoryKib: 19_456, passes: 2, parallelism: 1 });
  expect(one).not.toBe(two);
  expect(await passwords.matches('correct horse', one)).toBe(true);
  expect(await passwords.matches('Correct horse', one)).toBe(false);
});

test('the reference implementation made this one: format and parameters mean what they mean elsewhere', async () => {
  // hashtest(version, 2, 8, 1, "password", "somesalt", …) for Argon2id in src/test.c of github.com/P-H-C/phc-winner-argon2.
  const reference = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  expect(await new Passwords().matches('password', reference)).toBe(true);
  expect(await new Passwords().matches('passwore', reference)).toBe(false);
});

test('without an account the answer is no, and the work the same', async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash('right');
  await passwords.matches('warm up', undefined);
  const took = async (hash: string | undefined): Promise<number> => {
    const start = process.cpuUsage();
    expect(await passwords.matches('wrong', hash)).toBe(false);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  // In CPU, the least of five: what else the machine does is no matter then.
  const least = async (hash: string | undefined): Promise<number> => {
    let most = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) most = Math.min(most, await took(hash));
    return most;
  };
  const ratio = (await least(undefined)) / (await least(stored));
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test('a crowd is turned away at a bound, and everybody inside gets an answer', async () => {
  const passwords = new Passwords(CHEAP);
  const answers = await Promise.allSettled(Array.from({ length: 300 }, () => passwords.hash('x')));
  const refused = answers.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(300 - 256 - 2);
  expect(refused.every((each) => each.reason.code === 'overloaded')).toBe(true);
  expect(await passwords.hash('x')).toContain('$argon2id$');
});
