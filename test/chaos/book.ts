import { type OrderView, pause } from '../wire/shop.ts';
import type { Client } from './client.ts';

/** What one client was told about one order; each list has the answers in the order in which they came. */
export interface OrderEntry {
  readonly order: OrderView;
  /** By key: `captured`, or the code of the refusal. */
  readonly payments: Map<string, string>;
  /** By key: `cancelled`, or the code of the refusal. */
  readonly cancellations: Map<string, string>;
}

/** A client's own book: nothing in it comes from anywhere but the answers that this client got. */
export interface Book {
  readonly name: string;
  readonly client: Client;
  deposited: number;
  readonly orders: Map<string, OrderEntry>;
  /** What a client saw that contradicts itself at once. */
  readonly contradictions: string[];
}

export interface Shelf {
  readonly productId: string;
  received: number;
}

interface History {
  readonly items: readonly { readonly status: string; readonly cause: string }[];
}

const LOOK_PAUSE_MS = 500;
const SOLD: ReadonlySet<string> = new Set(['PAID', 'SHIPPED', 'DELIVERED']);
const WINS_MOST = 1;

/**
 * Compares the shop with the books until they agree or the time is over.
 * @returns what still does not agree
 */
export async function settle(books: readonly Book[], shelves: readonly Shelf[], withinMs: number): Promise<string[]> {
  const end = Date.now() + withinMs;
  for (;;) {
    const complaints = await compare(books, shelves);
    if (complaints.length === 0 || Date.now() > end) return complaints;
    await pause(LOOK_PAUSE_MS);
  }
}

async function compare(books: readonly Book[], shelves: readonly Shelf[]): Promise<string[]> {
  const found = await Promise.all(books.map(async (book) => ({ book, orders: await ordersOf(book.client) })));
  const complaints: string[] = [];
  for (const { book, orders } of found) {
    complaints.push(...book.contradictions, ...(await orderComplaints(book, orders)));
    complaints.push(...(await walletComplaints(book, orders)));
  }
  const sold = soldUnits(found.flatMap(({ orders }) => orders));
  const anybody = books[0]!.client;
  for (const { productId, received } of shelves) {
    const { available } = await anybody.read<{ available: number }>(`/v1/products/${productId}`);
    const expected = received - (sold.get(productId) ?? 0);
    if (available !== expected) complaints.push(`product ${productId}: ${available} available, not ${expected}`);
  }
  return complaints;
}

async function ordersOf(client: Client): Promise<OrderView[]> {
  const orders: OrderView[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: OrderView[]; nextCursor: string | null } = await client.read(`/v1/orders?limit=100${query}`);
    orders.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return orders;
}

/** Every order that was acknowledged is there, none that was refused; and each became what its client was told. */
async function orderComplaints({ name, client, orders: told }: Book, orders: readonly OrderView[]): Promise<string[]> {
  const there = new Map(orders.map((order) => [order.orderId, order]));
  const complaints = [...told.keys()].flatMap((id) => (there.has(id) ? [] : [`${name}: order ${id} is lost`]));
  for (const order of orders) {
    const entry = told.get(order.orderId);
    if (entry === undefined) complaints.push(`${name}: order ${order.orderId} is there, but nobody was told of it`);
    else complaints.push(...(await fateComplaints(client, order, entry)));
  }
  return complaints;
}

async function fateComplaints(client: Client, { orderId, status }: OrderView, entry: OrderEntry): Promise<string[]> {
  const captured = [...entry.payments.values()].filter((each) => each === 'captured').length;
  const cancelled = [...entry.cancellations.values()].filter((each) => each === 'cancelled').length;
  const complaints: string[] = [];
  const say = (what: string): void => void complaints.push(`order ${orderId} (${status}): ${what}`);
  if (captured > WINS_MOST) say(`${captured} payments were told that they took the money`);
  if (cancelled > WINS_MOST) say(`${cancelled} cancellations were told that they were the one`);
  if (status === 'PENDING_PAYMENT') say('still waits');
  if (cancelled > 0 && status !== 'CANCELLED') say('its client was told that it is cancelled');
  if (captured > 0 && cancelled === 0 && status !== 'PAID') say('its client was told that it is paid');
  if (captured === 0 && SOLD.has(status)) say('it is paid, but every payment was refused');
  if (status !== 'CANCELLED') return complaints;
  const { items } = await client.read<History>(`/v1/orders/${orderId}/history`);
  const wasPaid = items.some((item) => item.cause === 'paid');
  if (wasPaid !== captured > 0) say(`its history says paid: ${wasPaid}, its client was told ${captured} times`);
  return complaints;
}

async function walletComplaints({ name, client, deposited }: Book, orders: readonly OrderView[]): Promise<string[]> {
  const spent = orders.filter(({ status }) => SOLD.has(status)).reduce((sum, order) => sum + order.total.amount, 0);
  const wallet = await client.read<{ balance: { amount: number }; frozen: { amount: number } }>(
    '/v1/wallet?currency=EUR',
  );
  const complaints: string[] = [];
  if (wallet.balance.amount !== deposited - spent)
    complaints.push(`${name}: the wallet holds ${wallet.balance.amount}, not ${deposited} - ${spent}`);
  if (wallet.frozen.amount !== 0) complaints.push(`${name}: ${wallet.frozen.amount} are frozen`);
  return complaints;
}

function soldUnits(orders: readonly OrderView[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { status, lines } of orders) {
    if (!SOLD.has(status)) continue;
    for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity);
  }
  return units;
}
