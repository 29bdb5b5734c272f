import { ON_HAND_MOST, type receiptCreated, type receiveStock } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { SnowflakeIds } from '@tradewind/ids';
import {
  duplicateKey,
  earlierAnswer,
  type EffectKey,
  rememberAnswer,
  requireSlots,
  type Shards,
  type Tx,
} from '@tradewind/mysql';
import { productSlot } from '@tradewind/sharding';
import type { Clock } from '@tradewind/time';
import type { z } from 'zod';
import type { Line } from '../stock.ts';
import { insertReceipt, readStock, receiveUnits } from '../stock.store.ts';

export type ReceiptCreated = z.output<typeof receiptCreated>;
export type ReceiveRequest = z.output<typeof receiveStock.request>;

interface Receipt {
  readonly line: Line;
  readonly receiptId: string;
  readonly staffId: string;
  readonly at: Date;
}

/** Takes units into stock. A request with a key takes effect once for each product: the key lies in the product's slot. */
export class ReceiveStock {
  readonly #shards: Shards;
  readonly #ids: SnowflakeIds;
  readonly #clock: Clock;

  constructor({ shards, ids, clock }: { shards: Shards; ids: SnowflakeIds; clock: Clock }) {
    this.#shards = shards;
    this.#ids = ids;
    this.#clock = clock;
  }

  /** @throws Refusal `not-found`, `validation` when the shop would hold more than `ON_HAND_MOST`, `idempotency-key-reused` */
  async run({ staffId, productId, body, idempotency }: ReceiveRequest): Promise<ReceiptCreated> {
    const slot = productSlot(productId);
    const line = { slot, productId, quantity: body.quantity };
    const receipt = { line, receiptId: await this.#ids.mint(slot), staffId, at: new Date(this.#clock.now()) };
    const effect = idempotency && { slot, userId: staffId, ...idempotency };
    return this.#once(receipt, effect).catch((error: unknown) => {
      if (effect === undefined || duplicateKey(error) === undefined) throw error;
      // A twin of this request committed first: its answer is there now.
      return this.#once(receipt, effect);
    });
  }

  #once(receipt: Receipt, effect: EffectKey | undefined): Promise<ReceiptCreated> {
    const { shard, epoch } = this.#shards.at(receipt.line.slot);
    return shard.transaction(async (tx) => {
      await requireSlots(tx, [receipt.line.slot], epoch);
      const earlier = effect && (await earlierAnswer<ReceiptCreated>(tx, effect));
      if (earlier) return earlier.answer;
      const created = await take(tx, receipt);
      if (effect) await rememberAnswer(tx, effect, receipt.receiptId, created, receipt.at);
      return created;
    });
  }
}

async function take(tx: Tx, { line, receiptId, staffId, at }: Receipt): Promise<ReceiptCreated> {
  const hasFitted = await receiveUnits(tx, line, ON_HAND_MOST);
  const stock = await readStock(tx, line);
  if (stock === undefined) throw new Refusal('not-found');
  if (!hasFitted) {
    const message = `the shop holds ${stock.onHand} of at most ${ON_HAND_MOST}`;
    throw new Refusal('validation', { detail: `quantity: ${message}`, errors: [{ field: 'quantity', message }] });
  }
  await insertReceipt(tx, line, { receiptId, staffId, at });
  return { receiptId, productId: line.productId, quantity: line.quantity, ...stock };
}
