import { fileURLToPath } from 'node:url';
import { SnowflakeIds, slotOfId, soloLease } from '@tradewind/ids';
import { Shards } from '@tradewind/mysql';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { emailSlot } from '@tradewind/sharding';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHEAP } from '../storefront.testing.ts';
import { Passwords } from './passwords.ts';
import { SignUp } from './sign-up.ts';
import { ensureStaffAccount } from './staff-account.ts';
import { UserRow } from './user.row.ts';
import { UserStore } from './user.store.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../../deploy/sql/storefront', import.meta.url));
/** Slots that a schema of this test does not own, as if they had moved to another shard. */
const GONE_FROM = 1000;

let schema: FreshSchema;
let shards: Shards;
let store: UserStore;
let signUp: SignUp;
const passwords = new Passwords(CHEAP);

beforeAll(async () => {
  const slots = Array.from({ length: GONE_FROM }, (_, slot) => slot);
  schema = await freshSchema(MIGRATIONS, { slots, name: 'storefront-0' });
  const router = { shardOf: () => ({ shard: 'storefront-0', epoch: schema.epoch }) };
  shards = await Shards.open(new Map([['storefront-0', schema.url]]), router, { entities: [UserRow] });
  store = new UserStore(shards);
  signUp = new SignUp(store, passwords, new SnowflakeIds({ lease: soloLease(1), clock: systemClock }), systemClock);
});
afterAll(async () => {
  await shards?.close();
  await schema?.close();
});

/** An address whose slot is, or is not, one that this schema owns. */
function address(name: string, owned = true): string {
  for (let n = 0; ; n++) {
    const email = `${name}${n}@example.org`;
    if (emailSlot(email) < GONE_FROM === owned) return email;
  }
}

test('an account is found again as it was opened, and its id names the slot of its address', async () => {
  const email = address('ada');
  const { userId } = await signUp.open({ email, password: 'correct horse', name: 'Ada Lovelace 🚢' }, 'shopper');
  expect(slotOfId(userId)).toBe(emailSlot(email));
  const found = await store.byEmail(email);
  expect(found).toMatchObject({ email, userId, slot: emailSlot(email), name: 'Ada Lovelace 🚢', role: 'shopper' });
  expect(Math.abs(Date.now() - Number(found?.createdAt))).toBeLessThan(60_000);
  expect(await passwords.matches('correct horse', found?.passwordHash)).toBe(true);
  expect(await store.byEmail(address('nobody'))).toBeUndefined();
});

test('of twenty sign-ups for one address at once exactly one is let in', async () => {
  const email = address('crowd');
  const tries = Array.from({ length: 20 }, () =>
    signUp.open({ email, password: 'correct horse', name: 'C' }, 'shopper'),
  );
  const answers = await Promise.allSettled(tries);
  const opened = answers.filter((each) => each.status === 'fulfilled');
  expect(opened).toHaveLength(1);
  for (const each of answers)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'email-taken' });
  expect((await store.byEmail(email))?.userId).toBe(opened[0]?.value.userId);
});

test('a slot that this shard does not own takes no account', async () => {
  const email = address('moved', false);
  const opening = signUp.open({ email, password: 'correct horse', name: 'M' }, 'shopper');
  await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  expect(await store.byEmail(email)).toBeUndefined();
});

test('the staff account is opened once, kept, and given a new password when that has changed', async () => {
  const email = address('staff');
  const parts = { store, passwords, signUp };
  const starts = [1, 2, 3].map(() => ensureStaffAccount({ email, password: 'first password' }, parts));
  expect((await Promise.all(starts)).sort()).toEqual(['kept', 'kept', 'opened']);
  const { userId } = (await store.byEmail(email))!;
  expect(await ensureStaffAccount({ email, password: 'first password' }, parts)).toBe('kept');
  expect(await ensureStaffAccount({ email, password: 'second password' }, parts)).toBe('changed');
  const found = await store.byEmail(email);
  expect(found).toMatchObject({ userId, role: 'staff' });
  expect(await passwords.matches('second password', found?.passwordHash)).toBe(true);
  expect(await passwords.matches('first password', found?.passwordHash)).toBe(false);
});

test('an account of a shopper at the staff address becomes staff, with the configured password', async () => {
  const email = address('takeover');
  await signUp.open({ email, password: 'a shopper chose it', name: 'T' }, 'shopper');
  expect(await ensureStaffAccount({ email, password: 'the configured one' }, { store, passwords, signUp })).toBe(
    'changed',
  );
  const found = await store.byEmail(email);
  expect(found?.role).toBe('staff');
  expect(await passwords.matches('a shopper chose it', found?.passwordHash)).toBe(false);
});
