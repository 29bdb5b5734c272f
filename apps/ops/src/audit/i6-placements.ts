import type { AuditSources, OrderPlacement } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** What a client was told of is there, once. */
export const placedOnce: Invariant = {
  id: 'I6',
  says: 'placing: each order has one idempotency key, of its own user; every order that a client was told of exists once',
  check: async (sources, findings) => {
    for await (const placements of sources.orders.placements())
      for (const placement of placements) checkPlacement(placement, findings);
    for await (const ids of sources.acknowledged?.() ?? []) await checkAcknowledged(ids, sources, findings);
  },
};

function checkPlacement({ orderId, order, keys, keyUserIds }: OrderPlacement, findings: Findings): void {
  const key = `order ${orderId}`;
  findings.checked();
  if (order === undefined || order.status === 'VOID') {
    if (keys > 0) findings.offence(key, 'no-order', 'an idempotency key answers with this order, which is not there');
    return;
  }
  if (keys !== 1) findings.offence(key, 'keys', `${keys} idempotency keys placed it`);
  const stranger = keyUserIds.find((userId) => userId !== order.userId);
  if (stranger !== undefined)
    findings.offence(key, 'stranger', `placed by a key of user ${stranger}, but it is user ${order.userId}'s`);
}

async function checkAcknowledged(ids: readonly string[], { orders }: AuditSources, findings: Findings): Promise<void> {
  const copies = await orders.copies(ids);
  for (const id of ids) {
    const count = copies.get(id) ?? 0;
    findings.checked();
    if (count !== 1)
      findings.offence(`order ${id}`, 'acknowledged', `a client was told of it, but it exists ${count} times`);
  }
}
