import { randomUUID } from 'node:crypto';
import { ADDRESS, type Answer, type OrderView, pause, unexpected } from '../wire/shop.ts';
import type { Book, OrderEntry, Shelf } from './book.ts';
import { nameOf } from './client.ts';
import type { Random } from './random.ts';

/** What becomes of an order, and how often. */
const FATES = {
  pay: 30,
  leave: 10,
  'pay twice': 12,
  'repeat the payment': 8,
  'pay and cancel': 15,
  'pay at the last moment': 10,
  'pay, then cancel': 8,
  cancel: 4,
  'cancel twice': 3,
} as const;

const HOT_SHARE = 0.25;
const LINES_MOST = 3;
const QUANTITY_MOST = 3;
const DEPOSIT_MOST = 60_000;
const THINK_MOST_MS = 300;
/** How far before and behind its end of time an order is paid at the last moment, ms. */
const BRINK_MS = 400;
const REFUSALS_OF_PLACING: ReadonlySet<string> = new Set(['stock-short']);
const REFUSALS_OF_CHANGES: ReadonlySet<string> = new Set([
  'balance-short',
  'order-not-payable',
  'order-not-cancellable',
]);

/** A shopper who does everything that is allowed, often at once, and writes down what the shop says. */
export class Shopper {
  readonly #book: Book;
  readonly #random: Random;
  readonly #shelves: readonly Shelf[];
  readonly #acknowledged: Set<string>;

  constructor(book: Book, random: Random, shelves: readonly Shelf[], acknowledged: Set<string>) {
    this.#book = book;
    this.#random = random;
    this.#shelves = shelves;
    this.#acknowledged = acknowledged;
  }

  /** Shops until it is told to stop; what has begun is brought to its end. */
  async shop(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      if (this.#random.chance(0.2)) await this.deposit();
      const entry = await this.#place();
      if (entry !== undefined) await this.#meetFate(entry);
      await pause(this.#random.between(0, THINK_MOST_MS));
    }
  }

  /** Sometimes the request is sent twice at once, with one key: it counts once. */
  async deposit(): Promise<void> {
    const amount = this.#random.between(1, DEPOSIT_MOST);
    const key = randomUUID();
    const answers = await this.#perhapsTwice(() =>
      this.#book.client.insist('deposit', '/v1/wallet/deposits', { amount: { amount, currency: 'EUR' } }, key),
    );
    for (const answer of answers) if (answer.status !== 201) this.#contradict(unexpected('deposit', answer).message);
    this.#mustAgree('deposit', answers);
    this.#book.deposited += amount;
  }

  async #place(): Promise<OrderEntry | undefined> {
    const items = Array.from({ length: this.#random.between(1, LINES_MOST) }, () => ({
      productId: this.#pickShelf().productId,
      quantity: this.#random.between(1, QUANTITY_MOST),
    }));
    const key = randomUUID();
    const body = { items, shippingAddress: ADDRESS };
    const answers = await this.#perhapsTwice(() =>
      this.#book.client.insist<OrderView>('place', '/v1/orders', body, key),
    );
    const placed = answers.filter((answer) => answer.status === 201);
    for (const answer of answers)
      if (answer.status !== 201 && !REFUSALS_OF_PLACING.has(codeOf(answer)))
        this.#contradict(unexpected('place', answer).message);
    this.#mustAgree('place', placed);
    const order = placed[0]?.body;
    if (order === undefined) return undefined;
    this.#acknowledged.add(order.orderId);
    const entry = { order, payments: new Map(), cancellations: new Map() };
    this.#book.orders.set(order.orderId, entry);
    return entry;
  }

  /** The first shelf holds what everybody wants. */
  #pickShelf(): Shelf {
    return this.#random.chance(HOT_SHARE) ? this.#shelves[0]! : this.#random.pick(this.#shelves);
  }

  async #meetFate(entry: OrderEntry): Promise<void> {
    const fate = this.#random.weighted(FATES);
    const soon = (): Promise<void> => pause(this.#random.between(0, BRINK_MS));
    if (fate === 'pay') await this.#pay(entry);
    if (fate === 'pay twice') await Promise.all([this.#pay(entry), this.#pay(entry), this.#pay(entry)]);
    if (fate === 'repeat the payment') await this.#repeatPayment(entry);
    if (fate === 'pay and cancel')
      await Promise.all([this.#pay(entry), this.#random.chance(0.5) ? soon() : undefined, this.#cancel(entry)]);
    if (fate === 'pay at the last moment') {
      const left = Date.parse(entry.order.expiresAt ?? '') - Date.now();
      await pause(Math.max(0, left + this.#random.between(-BRINK_MS, BRINK_MS)));
      await Promise.all([this.#pay(entry), this.#random.chance(0.3) ? this.#cancel(entry) : undefined]);
    }
    if (fate === 'pay, then cancel') {
      await this.#pay(entry);
      await this.#cancel(entry);
    }
    if (fate === 'cancel') await this.#cancel(entry);
    if (fate === 'cancel twice') await Promise.all([this.#cancel(entry), this.#cancel(entry)]);
  }

  async #pay({ order, payments }: OrderEntry, key = randomUUID()): Promise<Answer> {
    const path = `/v1/orders/${order.orderId}/payments`;
    const answer = await this.#book.client.insist('pay', path, { method: 'wallet' }, key);
    payments.set(key, answer.status === 201 ? 'captured' : this.#refusal('pay', answer));
    return answer;
  }

  /** One key at once and again afterwards: whoever was told `captured` is told so for ever. */
  async #repeatPayment(entry: OrderEntry): Promise<void> {
    const key = randomUUID();
    const answers = await Promise.all([this.#pay(entry, key), this.#pay(entry, key)]);
    answers.push(await this.#pay(entry, key));
    const won = answers.filter((answer) => answer.status === 201);
    this.#mustAgree('pay', won);
    if (won.length > 0 && answers.at(-1)!.status !== 201)
      this.#contradict(`a repeated payment of ${entry.order.orderId} was told ${nameOf(answers.at(-1)!)}`);
    if (won.length > 0) entry.payments.set(key, 'captured');
  }

  async #cancel({ order, cancellations }: OrderEntry): Promise<void> {
    const key = randomUUID();
    const answer = await this.#book.client.insist('cancel', `/v1/orders/${order.orderId}/cancellation`, {}, key);
    cancellations.set(key, answer.status === 201 ? 'cancelled' : this.#refusal('cancel', answer));
  }

  #refusal(what: string, answer: Answer<unknown>): string {
    const code = codeOf(answer);
    if (!REFUSALS_OF_CHANGES.has(code)) this.#contradict(unexpected(what, answer).message);
    return code;
  }

  async #perhapsTwice<T>(request: () => Promise<Answer<T>>): Promise<Answer<T>[]> {
    return Promise.all(Array.from({ length: this.#random.chance(0.2) ? 2 : 1 }, request));
  }

  #mustAgree(what: string, answers: readonly Answer<unknown>[]): void {
    const bodies = new Set(answers.map((answer) => JSON.stringify(answer.body)));
    if (bodies.size > 1) this.#contradict(`one key, two answers to ${what}: ${[...bodies].join(' and ')}`);
  }

  #contradict(what: string): void {
    this.#book.contradictions.push(`${this.#book.name}: ${what}`);
  }
}

function codeOf({ body }: Answer<unknown>): string {
  return String((body as { code?: unknown }).code);
}
