import type { StockSheet } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** Units neither appear nor vanish: what came in either lies on the shelves or was sold. A returned branch has sold nothing. */
export const stockAddsUp: Invariant = {
  id: 'I1',
  says: 'stock: on hand = available + frozen, none negative; received = on hand + sold',
  check: async ({ stock }, findings) => {
    for await (const sheets of stock.sheets()) for (const sheet of sheets) checkSheet(sheet, findings);
  },
};

function checkSheet({ productId, stock, received, confirmed }: StockSheet, findings: Findings): void {
  const key = `product ${productId}`;
  findings.checked();
  if (stock === undefined) {
    if (received > 0n || confirmed > 0n)
      findings.offence(key, 'no-stock', `${received} received and ${confirmed} sold, but there is no stock row`);
    return;
  }
  const { onHand, available, frozen } = stock;
  if (onHand < 0n || available < 0n || frozen < 0n)
    findings.offence(key, 'negative', `on hand ${onHand}, available ${available}, frozen ${frozen}`);
  if (onHand !== available + frozen)
    findings.offence(key, 'sum', `on hand ${onHand}, but available ${available} + frozen ${frozen}`);
  if (received !== onHand + confirmed)
    findings.offence(key, 'received', `received ${received}, but on hand ${onHand} + sold ${confirmed}`);
}
