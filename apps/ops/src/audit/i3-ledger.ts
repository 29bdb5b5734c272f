import type { AccountSheet } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** Money neither appears nor vanishes: every transfer sums to zero, and a balance is nothing but the sum of its lines. */
export const moneyAddsUp: Invariant = {
  id: 'I3',
  says: 'money: lines of each transfer sum to zero; balance = sum of lines; frozen = open tries; wallets cover what is frozen',
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
    for await (const accounts of ledger.accounts()) for (const sheet of accounts) checkAccount(sheet, findings);
  },
};

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
