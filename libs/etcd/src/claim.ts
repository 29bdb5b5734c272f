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

/** Puts a value only while `claim` is in force, judged by etcd. @returns whether it was put; rejects when that is not known. */
export async function putUnderClaim(etcd: EtcdConnection, claim: Claim, key: string, value: string): Promise<boolean> {
  const guard = etcd.client.if(claim.key, 'Create', '==', claim.revision);
  const answer = await guard.then(etcd.client.put(key).value(value)).commit();
  return answer.succeeded;
}
