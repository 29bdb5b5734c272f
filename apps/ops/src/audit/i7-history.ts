import type { OrderHistory } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** An order's log tells its whole life. */
export const historyIsWhole: Invariant = {
  id: 'I7',
  says: "log: versions of an order are 1..n without a gap; the last is the order's own version and status",
  check: async ({ orders }, findings) => {
    for await (const histories of orders.histories()) for (const history of histories) checkHistory(history, findings);
  },
};

function checkHistory({ orderId, order, log }: OrderHistory, findings: Findings): void {
  const key = `order ${orderId}`;
  findings.checked();
  if (order === undefined) {
    findings.offence(key, 'no-order', `the log has ${log.length} entries of an order that is not there`);
    return;
  }
  const odd = log.findIndex(({ version }, index) => version !== index + 1);
  if (odd >= 0) findings.offence(key, 'gap', `entry ${odd + 1} of the log is version ${log[odd]?.version}`);
  // A void id never was an order: version 0, and nothing happened to it.
  const last = log.at(-1);
  const status = last?.status ?? (order.status === 'VOID' ? 'VOID' : 'empty');
  if ((last?.version ?? 0) !== order.version || status !== order.status)
    findings.offence(
      key,
      'last',
      `version ${order.version} ${order.status}, but the log ends with ${last?.version ?? 0} ${status}`,
    );
}
