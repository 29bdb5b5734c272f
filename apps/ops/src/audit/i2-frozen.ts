import type { AuditedOrder, AuditSources, StockBranch } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** How long past its `ask_at` a branch may still wait: some rounds of asking back, and a coordinator that restarts. */
const GRACE_MS = 60_000;

/** Stock is frozen for orders that wait, and for nothing else, and not for ever. */
export const frozenIsWanted: Invariant = {
  id: 'I2',
  says: `stock: frozen = units of tried branches, each of an order that waits, none ${GRACE_MS / 1000} s past its time to ask`,
  check: async (sources, findings) => {
    for await (const sheets of sources.stock.sheets()) {
      for (const { productId, stock, tried } of sheets) {
        findings.checked();
        const frozen = stock?.frozen ?? 0n;
        if (frozen !== tried)
          findings.offence(`product ${productId}`, 'frozen', `frozen ${frozen}, but tried branches hold ${tried}`);
      }
    }
    for await (const branches of sources.stock.branches()) {
      await checkBranches(
        branches.filter(({ phase }) => phase === 'tried'),
        sources,
        findings,
      );
    }
  },
};

async function checkBranches(
  tried: readonly StockBranch[],
  { orders, now }: AuditSources,
  findings: Findings,
): Promise<void> {
  const owners = await orders.byId([...new Set(tried.map((branch) => branch.orderId))]);
  const latest = now().getTime() - GRACE_MS;
  for (const { orderId, productId, askAt } of tried) {
    const key = `order ${orderId} product ${productId}`;
    const why = notWanted(owners.get(orderId));
    findings.checked();
    if (why !== undefined) findings.offence(key, 'unwanted', `frozen, but ${why}`);
    if (askAt === null) findings.offence(key, 'no-time', 'tried, but without a time to ask');
    else if (askAt.getTime() < latest) findings.offence(key, 'late', `should have asked at ${askAt.toISOString()}`);
  }
}

function notWanted(order: AuditedOrder | undefined): string | undefined {
  if (order === undefined) return 'there is no such order';
  if (order.status === 'PENDING_PAYMENT' || order.pending.length > 0) return undefined;
  return `the order is ${order.status} and nothing is left to carry out`;
}
