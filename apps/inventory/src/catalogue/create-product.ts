import type { Idempotency, Product, ProductBody } from '@tradewind/contracts';
import type { SnowflakeIds } from '@tradewind/ids';
import {
  duplicateKey,
  earlierAnswer,
  type EffectKey,
  rememberAnswer,
  requireSlots,
  type Shards,
} from '@tradewind/mysql';
import type { OutboxEvent } from '@tradewind/outbox';
import { PRODUCT_SLOTS, productSlot, slotOf } from '@tradewind/sharding';
import type { Clock } from '@tradewind/time';
import { insertProduct } from '../product.store.ts';

/** Product ids carry no owner: their slot is found by hash, so the gene stays empty. */
const NO_GENE = 0;

/** Tells the relay of a shard what was just committed there. */
export type HandOver = (shard: string, event: OutboxEvent) => void;

export interface CatalogueParts {
  readonly shards: Shards;
  readonly ids: SnowflakeIds;
  readonly clock: Clock;
  readonly handOver: HandOver;
}

/**
 * Makes a product. With a key the id is claimed first, in a slot that the key itself names (the product's slot depends on the id, which
 * does not exist yet); a repeat finds the id and finishes what was begun under it.
 */
export class CreateProduct {
  readonly #parts: CatalogueParts;

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
  }

  /** @throws Refusal `idempotency-key-reused` */
  async run({
    staffId,
    body,
    idempotency,
  }: {
    staffId: string;
    body: ProductBody;
    idempotency?: Idempotency | undefined;
  }): Promise<Product> {
    const minted = await this.#parts.ids.mint(NO_GENE);
    const productId = idempotency === undefined ? minted : await this.#claim(minted, effectOf(staffId, idempotency));
    const slot = productSlot(productId);
    const { shard, epoch } = this.#parts.shards.at(slot);
    const event = await shard.transaction(async (tx) => {
      await requireSlots(tx, [slot], epoch);
      return insertProduct(tx, { slot, productId }, body, new Date(this.#parts.clock.now()));
    });
    if (event) this.#parts.handOver(shard.name, event);
    // What was made, whatever became of it since: a repeat gets the same answer.
    return { productId, ...body, available: 0, version: 1 };
  }

  /** @returns the id under which this key makes its product: `minted`, or that of an earlier request. */
  async #claim(minted: string, effect: EffectKey): Promise<string> {
    const { shard, epoch } = this.#parts.shards.at(effect.slot);
    const claim = (): Promise<string> =>
      shard.transaction(async (tx) => {
        await requireSlots(tx, [effect.slot], epoch);
        const earlier = await earlierAnswer(tx, effect);
        if (earlier) return earlier.subjectId;
        await rememberAnswer(tx, effect, minted, { productId: minted }, new Date(this.#parts.clock.now()));
        return minted;
      });
    return claim().catch((error: unknown) => {
      if (duplicateKey(error) === undefined) throw error;
      // A twin of this request committed first: its claim is there now.
      return claim();
    });
  }
}

function effectOf(staffId: string, { key, fingerprint }: Idempotency): EffectKey {
  return { slot: slotOf('md5', PRODUCT_SLOTS, `${staffId}:${key}`), userId: staffId, key, fingerprint };
}
