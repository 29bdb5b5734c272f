import type { EtcdConnection } from './connection.ts';
import { HeldLease } from './held-lease.ts';

/** A key that is ours alone while its lease lives. */
export interface Claim {
  readonly key: string;
  readonly lease: HeldLease;
  /** The revision that created the key: higher than that of every claim before it, hence a fencing token. */
  readonly revision: number;
}

/**
 * Claims a key that nobody holds.
 *
 * Whatever goes wrong half way, the fresh lease is revoked: a transaction of ours that is still on its way then can't create the key
 * any more, for etcd refuses a put under a lease that is gone. So an unknown outcome becomes a definite no.
 * @returns undefined when someone else holds it.
 */
export async function claimKey(etcd: EtcdConnection, key: string, ttlSeconds: number): Promise<Claim | undefined> {
  if ((await etcd.client.get(key).string()) !== null) return undefined;
  const lease = await HeldLease.grant(etcd, ttlSeconds);
  try {
    const put = etcd.client.put(key).value(etcd.owner).lease(lease.id);
    const answer = await etcd.client.if(key, 'Create', '==', 0).then(put).commit();
    if (answer.succeeded) return { key, lease, revision: Number(answer.header.revision) };
  } catch (error) {
    await lease.revoke();
    throw error;
  }
  await lease.revoke();
  return undefined;
}

/**
 * Raises the number at `key` to `mark`, only while `claim` is in force, judged by etcd.
 *
 * The number is compared as well: a call whose answer was lost may be applied late, after its successor, and must not lower it.
 * Numbers are written in 15 digits, for etcd compares values as text; `key` must exist, see `readMark`.
 * @returns whether the number is at least `mark` now; rejects when that is not known.
 */
export async function raiseMark(etcd: EtcdConnection, claim: Claim, key: string, mark: number): Promise<boolean> {
  const value = spell(mark);
  const { client } = etcd;
  const answer = await client
    .if(claim.key, 'Create', '==', claim.revision)
    .and(key, 'Value', '<', value)
    .then(client.put(key).value(value))
    .else(client.get(claim.key), client.get(key))
    .commit();
  if (answer.succeeded) return true;
  const [holder, stored] = answer.responses.map(({ response_range }) => response_range.kvs[0]);
  return holder?.create_revision === String(claim.revision) && stored !== undefined && stored.value.toString() >= value;
}

/** The number that `raiseMark` has stored at `key`, which is made 0 when there is none. */
export async function readMark(etcd: EtcdConnection, key: string): Promise<number> {
  const { client } = etcd;
  await client
    .if(key, 'Create', '==', 0)
    .then(client.put(key).value(spell(0)))
    .commit();
  const text = await client.get(key).string();
  if (text === null || !/^\d{15}$/.test(text)) throw new Error(`${key} holds no mark but ${String(text)}`);
  return Number(text);
}

function spell(mark: number): string {
  return String(mark).padStart(15, '0');
}
