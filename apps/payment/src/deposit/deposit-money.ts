import type { deposit, DepositCreated } from '@tradewind/contracts';
import { invariant, Refusal } from '@tradewind/errors';
import type { SnowflakeIds } from '@tradewind/ids';
import { duplicateKey, earlierAnswer, rememberAnswer, type Shards, type Tx } from '@tradewind/mysql';
import { orderSlot, type Slot } from '@tradewind/sharding';
import type { Clock } from '@tradewind/time';
import type { z } from 'zod';
import { walletOf } from '../account.row.ts';
import { postTransfer, readAccount } from '../ledger.store.ts';
import { inUserSlot } from '../payment.store.ts';

export type DepositRequest = z.output<typeof deposit.request>;

/** Brings money from outside into a wallet. A request with a key takes effect once. */
export class DepositMoney {
  readonly #shards: Shards;
  readonly #ids: SnowflakeIds;
  readonly #clock: Clock;

  constructor({ shards, ids, clock }: { shards: Shards; ids: SnowflakeIds; clock: Clock }) {
    this.#shards = shards;
    this.#ids = ids;
    this.#clock = clock;
  }

  /** @throws Refusal `balance-limit`, `idempotency-key-reused`, `unavailable`, `overloaded`; OutcomeUnknown: repeat it with its key */
  async run(request: DepositRequest): Promise<DepositCreated> {
    const depositId = await this.#ids.mint(orderSlot(request.userId));
    return this.#once(request, depositId).catch((error: unknown) => {
      if (request.idempotency === undefined || duplicateKey(error) === undefined) throw error;
      // A twin of this request committed first: its answer is there now.
      return this.#once(request, depositId);
    });
  }

  #once({ userId, amount, idempotency }: DepositRequest, depositId: string): Promise<DepositCreated> {
    const at = new Date(this.#clock.now());
    return inUserSlot(this.#shards, userId, async (tx, slot) => {
      const effect = idempotency && { slot, userId, ...idempotency };
      const earlier = effect && (await earlierAnswer<DepositCreated>(tx, effect));
      if (earlier) return earlier.answer;
      const created = await post(tx, slot, { userId, amount, depositId, at });
      if (effect) await rememberAnswer(tx, effect, depositId, created, at);
      return created;
    });
  }
}

async function post(
  tx: Tx,
  slot: Slot,
  { userId, amount, depositId, at }: Pick<DepositRequest, 'userId' | 'amount'> & { depositId: string; at: Date },
): Promise<DepositCreated> {
  const transfer = { slot, transferId: depositId, cause: 'deposit', userId, ...amount } as const;
  const notPosted = await postTransfer(tx, transfer, at);
  if (notPosted === 'wallet-full') throw new Refusal('balance-limit');
  invariant(notPosted === undefined, `deposit ${depositId} can't be posted (${notPosted})`);
  const account = { slot, kind: 'wallet', ownerId: userId, currency: amount.currency } as const;
  return { depositId, amount, wallet: walletOf(await readAccount(tx, account), amount.currency) };
}
