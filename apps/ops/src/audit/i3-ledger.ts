import type { AccountSheet, PaymentSheet } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** Money neither appears nor vanishes: every transfer sums to zero, and a balance is nothing but the sum of its lines. */
export const moneyAddsUp: Invariant = {
  id: 'I3',
  says: 'money: each transfer sums to zero, each payment has its own; balance = sum of lines; frozen = open tries, covered',
  check: async ({ ledger }, findings) => {
    const totals = new Map<string, bigint>();
    for await (const transfers of ledger.transfers()) {
      for (const { transferId, cause, currency, sum } of transfers) {
        findings.checked();
        totals.set(currency, (totals.get(currency) ?? 0n) + sum);
        if (sum !== 0n)
          findings.offence(`transfer ${transferId} ${cause}`, 'sum', `the lines sum to ${sum} ${currency}`);
      }
    }
    for (const [currency, total] of totals)
      if (total !== 0n) findings.offence(`currency ${currency}`, 'sum', `all lines together sum to ${total}`);
    for await (const payments of ledger.payments()) for (const sheet of payments) checkPayment(sheet, findings);
    for await (const accounts of ledger.accounts()) for (const sheet of accounts) checkAccount(sheet, findings);
  },
};

/** A branch that says it took money has really posted it, and a line that took some has a branch that says so. */
function checkPayment(sheet: PaymentSheet, findings: Findings): void {
  const { orderId, currency, confirmed, returned, linesTook, linesGave } = sheet;
  const key = `order ${orderId}`;
  findings.checked();
  if (linesTook !== confirmed + returned)
    findings.offence(key, 'captured', `branches took ${confirmed + returned} ${currency}, the ledger ${linesTook}`);
  if (linesGave !== returned)
    findings.offence(key, 'returned', `branches gave back ${returned} ${currency}, the ledger ${linesGave}`);
}

function checkAccount({ kind, ownerId, currency, account, lineSum, tried }: AccountSheet, findings: Findings): void {
  const key = `account ${kind} ${ownerId} ${currency}`;
  findings.checked();
  if (account === undefined) {
    findings.offence(key, 'no-account', `lines of ${lineSum} and tries of ${tried}, but there is no account`);
    return;
  }
  const { balance, frozen } = account;
  if (balance !== lineSum) findings.offence(key, 'balance', `balance ${balance}, but its lines sum to ${lineSum}`);
  if (frozen !== tried) findings.offence(key, 'frozen', `frozen ${frozen}, but open tries hold ${tried}`);
  if (frozen < 0n || (kind === 'wallet' && balance < frozen))
    findings.offence(key, 'limit', `balance ${balance}, frozen ${frozen}`);
}
