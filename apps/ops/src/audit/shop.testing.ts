import { createHash } from 'node:crypto';
import { ORDER_EVENT_TYPES } from '@tradewind/contracts';
import type { OutboxEvent } from '@tradewind/outbox';
import { emailSlot, orderSlot, productSlot } from '@tradewind/sharding';
import type { World } from './world.testing.ts';

/** One order as the services would have left it, and how to find its rows. */
export interface Placed {
  readonly slot: number;
  readonly orderId: string;
  readonly userId: string;
  readonly total: number;
  readonly products: readonly { readonly productId: string; readonly slot: number; readonly quantity: number }[];
  readonly events: readonly OutboxEvent[];
}

type Life = 'waiting' | 'paid' | 'returned' | 'expired';

/** For each life of an order: its states one after the other, and the phases that its branches are in at the end. */
const LIVES = {
  waiting: { states: ['PENDING_PAYMENT'], stock: 'tried', payment: 'tried' },
  paid: { states: ['PENDING_PAYMENT', 'PAID'], stock: 'confirmed', payment: 'confirmed' },
  returned: { states: ['PENDING_PAYMENT', 'PAID', 'CANCELLED'], stock: 'returned', payment: 'returned' },
  expired: { states: ['PENDING_PAYMENT', 'CANCELLED'], stock: 'cancelled', payment: 'voided' },
} as const;

const TYPES = {
  PENDING_PAYMENT: ORDER_EVENT_TYPES.placed,
  PAID: ORDER_EVENT_TYPES.paid,
  CANCELLED: ORDER_EVENT_TYPES.cancelled,
} as const;

const UNITS_RECEIVED = 100;
const PRICE = 500;
const DEPOSIT = 1_000_000;
const CURRENCY = 'EUR';
const AT = new Date('2026-01-31T12:00:00.123Z');
const fingerprint = Buffer.alloc(32);

/** Writes what the services write, by hand: the auditor must not be tested with rows that it shares its mistakes with. */
export class Shop {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Data in every state that is right, so that each check has something to pass over. */
  async fill(): Promise<Record<Life, Placed>> {
    const userId = await this.user();
    const placed = {
      waiting: await this.place(userId, 'waiting'),
      paid: await this.place(userId, 'paid'),
      returned: await this.place(userId, 'returned'),
      expired: await this.place(userId, 'expired'),
    };
    await this.place(await this.user(), 'paid');
    await this.voidOrder(userId);
    await this.refusedPlacing(userId);
    return placed;
  }

  async user(): Promise<string> {
    const email = `${await this.world.mint()}@tradewind.example`;
    const slot = emailSlot(email);
    const userId = await this.world.mint(slot);
    await this.world.insert('users', 'app_user', {
      ...{ slot, email, user_id: userId, name: 'Ada', role: 'shopper', password_hash: 'x', created_at: AT },
    });
    const home = orderSlot(userId);
    const depositId = await this.world.mint(home);
    await this.#account(home, 'wallet', userId, DEPOSIT);
    await this.#account(home, 'outside', '0', -DEPOSIT);
    await this.#transfer(home, depositId, 'deposit', [
      ['wallet', userId, DEPOSIT],
      ['outside', '0', -DEPOSIT],
    ]);
    return userId;
  }

  async product(): Promise<{ productId: string; slot: number }> {
    const productId = await this.world.mint();
    const slot = productSlot(productId);
    const key = { slot, product_id: productId };
    await this.world.insert('products', 'product', {
      ...{ ...key, name: 'Kettle', description: '', category: 'kitchen', price: PRICE, currency: CURRENCY },
      ...{ version: 1, created_at: AT, updated_at: AT },
    });
    await this.world.insert('products', 'stock', {
      ...{ ...key, on_hand: UNITS_RECEIVED, available: UNITS_RECEIVED, frozen: 0, version: 1 },
    });
    await this.world.insert('products', 'stock_receipt', {
      ...{ ...key, receipt_id: await this.world.mint(), quantity: UNITS_RECEIVED, staff_id: '7', at: AT },
    });
    return { productId, slot };
  }

  /** An order of two products, one of them on two lines. */
  async place(userId: string, life: Life): Promise<Placed> {
    const slot = orderSlot(userId);
    const orderId = await this.world.mint(slot);
    const products = [
      { ...(await this.product()), quantity: 5 },
      { ...(await this.product()), quantity: 1 },
    ];
    const lines = [
      { productId: products[0]!.productId, name: 'Kettle', quantity: 2 },
      { productId: products[1]!.productId, name: 'Teapot', quantity: 1 },
      { productId: products[0]!.productId, name: 'Kettle', quantity: 3 },
    ];
    const total = 6 * PRICE;
    const order = { slot, orderId, userId, total, products };
    await this.#orderRows(order, lines, life);
    await this.#moveStock(order, LIVES[life].stock);
    await this.#movePayment(order, LIVES[life].payment);
    const events = LIVES[life].states.map((status, index) => this.#event(order, status, index + 1));
    await this.world.send(events);
    this.world.events.push(...events);
    await this.index(order, life);
    return { ...order, events };
  }

  async #orderRows(
    { slot, orderId, userId, total }: Omit<Placed, 'events'>,
    lines: readonly { productId: string; name: string; quantity: number }[],
    life: Life,
  ): Promise<void> {
    const { states } = LIVES[life];
    const status = states.at(-1)!;
    await this.world.insert('orders', 'orders', {
      ...{ slot, order_id: orderId, user_id: userId, status, version: states.length, pay_attempt: 0 },
      ...{ currency: CURRENCY, total, address: '{}', created_at: AT, updated_at: AT, expires_at: null },
    });
    for (const [index, { productId, name, quantity }] of lines.entries()) {
      await this.world.insert('orders', 'order_item', {
        ...{ slot, order_id: orderId, line_no: index + 1, product_id: productId, name, quantity, unit_price: PRICE },
      });
    }
    for (const [index, each] of states.entries()) {
      await this.world.insert('orders', 'order_log', {
        ...{ slot, order_id: orderId, version: index + 1, at: AT, status: each, actor: 'system', cause: 'test' },
      });
    }
    await this.key(userId, orderId, { orderId, status: 'PENDING_PAYMENT', version: 1 });
    if (states.length > 1) await this.key(userId, orderId, { orderId, state: 'captured', order: { version: 2 } });
    if (status === 'CANCELLED') await this.key(userId, orderId, { orderId, status, version: states.length });
  }

  /** The answer to a key, in the order's slot. */
  async key(userId: string, orderId: string, answer: object): Promise<void> {
    await this.world.insert('orders', 'idempotency', {
      ...{ slot: orderSlot(userId), user_id: userId, idem_key: Buffer.from(await this.world.mint()), fingerprint },
      ...{ subject_id: orderId, answer: JSON.stringify(answer), created_at: AT },
    });
  }

  async #moveStock({ orderId, products }: Omit<Placed, 'events'>, phase: string): Promise<void> {
    for (const { productId, slot, quantity } of products) {
      await this.stockBranch(orderId, { productId, slot, quantity }, phase);
      const available = ['tried', 'confirmed'].includes(phase) ? quantity : 0;
      const frozen = phase === 'tried' ? quantity : 0;
      await this.world.run(
        ...['products' as const, slot],
        'UPDATE stock SET available = available - ?, frozen = frozen + ?, on_hand = available + frozen WHERE slot = ? AND product_id = ?',
        [available, frozen, slot, productId],
      );
    }
  }

  stockBranch(
    orderId: string,
    { productId, slot, quantity }: { productId: string; slot: number; quantity: number },
    phase: string,
  ): Promise<number> {
    return this.world.insert('products', 'stock_branch', {
      ...{ slot, order_id: orderId, product_id: productId, quantity, phase },
      ...{ ask_at: phase === 'tried' ? inAnHour() : null, created_at: AT, updated_at: AT },
    });
  }

  async #movePayment({ slot, orderId, userId, total }: Omit<Placed, 'events'>, phase: string): Promise<void> {
    await this.paymentBranch({ slot, orderId, userId, total }, phase);
    if (phase === 'tried') await this.#addTo(slot, 'wallet', userId, { frozen: total });
    if (phase === 'confirmed' || phase === 'returned') await this.#pay({ slot, orderId, userId }, 'capture', total);
    if (phase === 'returned') await this.#pay({ slot, orderId, userId }, 'return', -total);
  }

  paymentBranch(
    { slot, orderId, userId, total }: Pick<Placed, 'slot' | 'orderId' | 'userId' | 'total'>,
    phase: string,
    attempt = 0,
  ): Promise<number> {
    return this.world.insert('payments', 'payment_branch', {
      ...{ slot, order_id: orderId, attempt, user_id: userId, currency: CURRENCY, amount: total, phase },
      ...{ ask_at: phase === 'tried' ? inAnHour() : null, created_at: AT, updated_at: AT },
    });
  }

  async #pay({ slot, orderId, userId }: Pick<Placed, 'slot' | 'orderId' | 'userId'>, cause: string, amount: number) {
    await this.#account(slot, 'merchant', '0', amount);
    await this.#addTo(slot, 'wallet', userId, { balance: -amount });
    await this.#transfer(slot, orderId, cause, [
      ['wallet', userId, -amount],
      ['merchant', '0', amount],
    ]);
  }

  /** Adds to an account, opening it when it is not there. */
  async #account(slot: number, kind: string, ownerId: string, balance: number): Promise<void> {
    await this.world.run(
      ...['payments' as const, slot],
      `INSERT INTO account (slot, kind, owner_id, currency, balance, frozen, version) VALUES (?, ?, ?, ?, ?, 0, 1)
       ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance)`,
      [slot, kind, ownerId, CURRENCY, balance],
    );
  }

  #addTo(slot: number, kind: string, ownerId: string, { balance = 0, frozen = 0 }): Promise<number> {
    return this.world.run(
      ...['payments' as const, slot],
      'UPDATE account SET balance = balance + ?, frozen = frozen + ? WHERE slot = ? AND kind = ? AND owner_id = ?',
      [balance, frozen, slot, kind, ownerId],
    );
  }

  async #transfer(
    slot: number,
    transferId: string,
    cause: string,
    lines: readonly (readonly [kind: string, ownerId: string, amount: number])[],
  ): Promise<void> {
    for (const [index, [kind, ownerId, amount]] of lines.entries()) {
      await this.world.insert('payments', 'ledger_line', {
        ...{ slot, transfer_id: transferId, cause, line_no: index + 1, kind, owner_id: ownerId },
        ...{ currency: CURRENCY, amount, at: AT },
      });
    }
  }

  #event({ slot, orderId }: Omit<Placed, 'events'>, status: keyof typeof TYPES, version: number): OutboxEvent {
    const payload = JSON.stringify({ orderId, status, version });
    return { slot, aggregateId: orderId, version, type: TYPES[status], payload, traceparent: null, createdAt: AT };
  }

  /** Writes an order's document. @param change fields that differ from what they should be */
  async index(
    { orderId, userId, total, products }: Omit<Placed, 'events'>,
    life: Life,
    { version, ...change }: { version?: number; [field: string]: unknown } = {},
  ): Promise<void> {
    const { states } = LIVES[life];
    const body = {
      ...{ orderId, userId, total, orderKey: orderId.padStart(19, '0'), currency: CURRENCY },
      ...{ status: states.at(-1), version: states.length, createdAt: AT.toISOString(), updatedAt: AT.toISOString() },
      productIds: products.map((product) => product.productId),
      names: ['Kettle', 'Teapot'],
      ...change,
    };
    await this.world.elastic.client.index({
      ...{ index: this.world.alias, id: orderId, document: body, refresh: true },
      ...{ version: version ?? states.length, version_type: 'external_gte' },
    });
  }

  /** @param version at which it is deleted: Elasticsearch remembers it for a while, and takes nothing older */
  async unindex(orderId: string, version: number): Promise<void> {
    const request = { index: this.world.alias, id: orderId, refresh: true } as const;
    await this.world.elastic.client.delete({ ...request, version, version_type: 'external_gte' });
  }

  /** An id that was promised away: no order. */
  async voidOrder(userId: string): Promise<string> {
    const slot = orderSlot(userId);
    const orderId = await this.world.mint(slot);
    await this.world.insert('orders', 'orders', {
      ...{ slot, order_id: orderId, user_id: '0', status: 'VOID', version: 0, pay_attempt: 0, currency: 'XXX' },
      ...{ total: 0, address: '', created_at: AT, updated_at: AT, expires_at: null },
    });
    return orderId;
  }

  /** What is left of an order that was refused for want of one product: a cancelled branch, and no order. */
  async refusedPlacing(userId: string): Promise<void> {
    const orderId = await this.world.mint(orderSlot(userId));
    await this.stockBranch(orderId, { ...(await this.product()), quantity: 1 }, 'cancelled');
    await this.stockBranch(orderId, { ...(await this.product()), quantity: 1 }, 'voided');
  }
}

export function inAnHour(): Date {
  return new Date(Math.trunc(Date.now() / 1000) * 1000 + 3_600_000);
}

/** The slot that md5 gives, found without the code under test. */
export function md5Slot(text: string, slots: number): number {
  return createHash('md5').update(text).digest().readUInt32BE(0) % slots;
}
