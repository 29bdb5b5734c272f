import {
  adminOrderPage,
  adminOrderQuery,
  depositBody,
  depositCreated,
  emptyBody,
  historyPage,
  orderListQuery,
  orderPage,
  orderSchema,
  paymentAnswer,
  paymentBody,
  placeBody,
  productBody,
  productPage,
  productQuery,
  productSchema,
  receiptBody,
  receiptCreated,
  sessionBody,
  sessionCreated,
  signUpBody,
  statusSchema,
  userCreated,
  walletQuery,
  walletSchema,
} from '@tradewind/contracts';
import { type ProblemCode, PROBLEMS } from '@tradewind/errors';
import type { z } from 'zod';

/** Who may call: everybody, or who signed in with that role. Staff are no shoppers: their account buys nothing. */
export type Who = 'anyone' | 'shopper' | 'staff';

/** One call of the public REST. Everything that holds for it before a use case runs is said here, and the document is made from it. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Members after a colon are ids, and checked as such. */
  readonly path: `/v1/${string}`;
  readonly who: Who;
  readonly group: string;
  readonly summary: string;
  readonly about?: string;
  /** The status of success, and for each other status that is one what it means. */
  readonly status: 200 | 201;
  readonly otherStatus?: Readonly<Record<number, string>>;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  readonly idempotencyKey?: 'needed' | 'honoured';
  /** Takes `If-Match`. */
  readonly ifMatch?: true;
  /** Answers with a strong `ETag`. */
  readonly etag?: true;
  /** Refusals of its own; those that any call of its kind may meet are added by `problemsOf`. */
  readonly problems?: readonly ProblemCode[];
}

export const ROUTES = {
  signUp: {
    ...post('/v1/users', 'anyone', 'Accounts', 'Sign up'),
    about: 'An e-mail address has one account, whatever its case, across all shards.',
    body: signUpBody,
    answer: userCreated,
    problems: ['email-taken'],
  },
  signIn: {
    ...post('/v1/sessions', 'anyone', 'Accounts', 'Sign in'),
    about:
      'Send the token as `Authorization: Bearer …` from here on. After 10 failures for one address within 15 minutes, each further attempt is refused for a while.',
    body: sessionBody,
    answer: sessionCreated,
    problems: ['credentials-wrong', 'too-many-attempts'],
  },
  listProducts: {
    ...get('/v1/products', 'anyone', 'Products', 'Search products'),
    about: 'Found by the search index, shown with the price and availability of this moment.',
    query: productQuery,
    answer: productPage,
    problems: ['cursor-invalid'],
  },
  getProduct: {
    ...get('/v1/products/:id', 'anyone', 'Products', 'Read a product'),
    answer: productSchema,
    etag: true,
    problems: ['not-found'],
  },
  placeOrder: {
    ...post('/v1/orders', 'shopper', 'Orders', 'Place an order'),
    about: 'Freezes the stock of every line or of none. The order then waits for its payment until `expiresAt`.',
    body: placeBody,
    answer: orderSchema,
    etag: true,
    idempotencyKey: 'needed',
    problems: ['stock-short', 'product-unknown', 'currency-mixed'],
  },
  listOrders: {
    ...get('/v1/orders', 'shopper', 'Orders', 'List your orders'),
    about: 'Newest first.',
    query: orderListQuery,
    answer: orderPage,
    problems: ['cursor-invalid'],
  },
  getOrder: {
    ...get('/v1/orders/:id', 'shopper', 'Orders', 'Read an order'),
    answer: orderSchema,
    etag: true,
    problems: ['not-found'],
  },
  getOrderStatus: {
    ...get('/v1/orders/:id/status', 'shopper', 'Orders', "Read an order's status"),
    about: 'Small and fast: the call to poll with.',
    answer: statusSchema,
    etag: true,
    problems: ['not-found'],
  },
  getOrderHistory: {
    ...get('/v1/orders/:id/history', 'shopper', 'Orders', "Read an order's history"),
    about: 'Every change since it was placed: which version, when, by whom and why.',
    answer: historyPage,
    problems: ['not-found'],
  },
  payOrder: {
    ...post('/v1/orders/:id/payments', 'shopper', 'Orders', 'Pay an order'),
    body: paymentBody,
    answer: paymentAnswer,
    otherStatus: { 202: 'The outcome is not known yet: repeat the call with the same Idempotency-Key' },
    idempotencyKey: 'needed',
    ifMatch: true,
    etag: true,
    problems: ['not-found', 'balance-short', 'daily-limit', 'order-not-payable'],
  },
  cancelOrder: {
    ...post('/v1/orders/:id/cancellation', 'shopper', 'Orders', 'Cancel an order'),
    about: 'Until it is shipped. Stock goes back on the shelf and a captured payment into the wallet.',
    body: emptyBody,
    answer: orderSchema,
    idempotencyKey: 'needed',
    ifMatch: true,
    etag: true,
    problems: ['not-found', 'order-not-cancellable'],
  },
  getWallet: {
    ...get('/v1/wallet', 'shopper', 'Wallet', 'Read your wallet'),
    about: 'What can be spent is `balance` less `frozen`.',
    query: walletQuery,
    answer: walletSchema,
  },
  deposit: {
    ...post('/v1/wallet/deposits', 'shopper', 'Wallet', 'Put money into your wallet'),
    about: "The demo's way to get money.",
    body: depositBody,
    answer: depositCreated,
    idempotencyKey: 'honoured',
    problems: ['balance-limit'],
  },
  createProduct: {
    ...post('/v1/admin/products', 'staff', 'Staff', 'Create a product'),
    body: productBody,
    answer: productSchema,
    idempotencyKey: 'honoured',
    etag: true,
  },
  changeProduct: {
    ...put('/v1/admin/products/:id', 'staff', 'Staff', 'Change a product'),
    about: 'Orders keep the name and the price that they were placed with.',
    body: productBody,
    answer: productSchema,
    ifMatch: true,
    etag: true,
    problems: ['not-found'],
  },
  receiveStock: {
    ...post('/v1/admin/stock/:productId/receipts', 'staff', 'Staff', 'Receive stock'),
    body: receiptBody,
    answer: receiptCreated,
    idempotencyKey: 'honoured',
    problems: ['not-found'],
  },
  listAllOrders: {
    ...get('/v1/admin/orders', 'staff', 'Staff', 'Search the orders of all shoppers'),
    about:
      'Found by the search index across all shards, shown as their shards hold them now. `from` and `to` bound `createdAt`. `missing` lists ids that the index knows and no shard does.',
    query: adminOrderQuery,
    answer: adminOrderPage,
    problems: ['cursor-invalid'],
  },
  shipOrder: {
    ...post('/v1/admin/orders/:id/shipments', 'staff', 'Staff', 'Ship an order'),
    body: emptyBody,
    answer: orderSchema,
    idempotencyKey: 'honoured',
    ifMatch: true,
    etag: true,
    problems: ['not-found', 'transition-refused'],
  },
  deliverOrder: {
    ...post('/v1/admin/orders/:id/deliveries', 'staff', 'Staff', 'Deliver an order'),
    body: emptyBody,
    answer: orderSchema,
    idempotencyKey: 'honoured',
    ifMatch: true,
    etag: true,
    problems: ['not-found', 'transition-refused'],
  },
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof ROUTES;

/** Every problem that a call may be answered with, in the order of the problem table. */
export function problemsOf(route: RouteSpec): ProblemCode[] {
  const met = new Set<ProblemCode>(['validation', 'unavailable', 'overloaded', ...(route.problems ?? [])]);
  const add = (applies: boolean, ...codes: ProblemCode[]): void => codes.forEach((code) => applies && met.add(code));
  add(route.body !== undefined, 'bad-request', 'body-too-large', 'media-type');
  add(route.idempotencyKey === 'needed', 'idempotency-key-missing');
  add(route.idempotencyKey !== undefined, 'idempotency-key-reused', 'request-running');
  add(route.who !== 'anyone', 'unauthenticated', 'forbidden');
  add(route.ifMatch === true, 'version-stale');
  add(route.method !== 'GET', 'deadline');
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => met.has(code));
}

function get<P extends `/v1/${string}`, W extends Who>(path: P, who: W, group: string, summary: string) {
  return { method: 'GET', path, who, group, summary, status: 200 } as const;
}

function post<P extends `/v1/${string}`, W extends Who>(path: P, who: W, group: string, summary: string) {
  return { method: 'POST', path, who, group, summary, status: 201 } as const;
}

function put<P extends `/v1/${string}`, W extends Who>(path: P, who: W, group: string, summary: string) {
  return { method: 'PUT', path, who, group, summary, status: 200 } as const;
}
