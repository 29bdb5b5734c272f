import type { Wallet } from '@tradewind/contracts';
import type { Currency } from '@tradewind/money';
import type { Shards } from '@tradewind/mysql';
import { orderSlot } from '@tradewind/sharding';
import { AccountRow, walletOf } from '../account.row.ts';

/** Shows a user's wallet of one currency; one that was never used is empty. */
export class ViewWallet {
  readonly #shards: Shards;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  async run({ userId, currency }: { userId: string; currency: Currency }): Promise<Wallet> {
    const slot = orderSlot(userId);
    const { shard } = this.#shards.at(slot);
    const key = { slot, kind: 'wallet', ownerId: userId, currency } as const;
    return walletOf(await shard.entities((manager) => manager.findOneBy(AccountRow, key)), currency);
  }
}
