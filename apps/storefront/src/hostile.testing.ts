import type { InjectOptions } from 'fastify';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type RouteName, ROUTES, type RouteSpec } from './routes.ts';
import { openStorefront, type Storefront } from './storefront.testing.ts';

export const NAMES = Object.keys(ROUTES) as RouteName[];
export const ADDRESS = { name: 'Ada', line1: '1 St James', city: 'London', postalCode: 'SW1', country: 'GB' };
/** For each call that takes a body, one that it takes. */
export const GOOD: Partial<Record<RouteName, object>> = {
  signUp: { email: 'ada@example.org', password: 'correct horse', name: 'Ada' },
  signIn: { email: 'ada@example.org', password: 'correct horse' },
  placeOrder: { items: [{ productId: '5', quantity: 1 }], shippingAddress: ADDRESS },
  payOrder: { method: 'wallet' },
  cancelOrder: {},
  deposit: { amount: { amount: 1, currency: 'EUR' } },
  createProduct: { name: 'Lamp', category: 'lamps', price: { amount: 1, currency: 'EUR' } },
  changeProduct: { name: 'Lamp', category: 'lamps', price: { amount: 1, currency: 'EUR' } },
  receiveStock: { quantity: 1 },
  shipOrder: {},
  deliverOrder: {},
};
export const WITH_BODY = NAMES.filter((name) => name in GOOD);

export interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
}

export interface Stranger {
  readonly shop: Storefront;
  readonly tokens: Readonly<Record<'shopper' | 'staff', string>>;
  readonly send: (
    name: RouteName,
    sent: Sent,
  ) => Promise<{ status: number; type: unknown; code: string; fields: string[] }>;
}

/**
 * A storefront for a test file whose every request must be refused by the storefront itself: a call that reaches a service behind it fails
 * the test.
 */
export function useStranger(): Stranger {
  const stranger = {} as { -readonly [K in keyof Stranger]: Stranger[K] };
  beforeAll(async () => {
    const shop = await openStorefront();
    const issue = async (role: 'shopper' | 'staff') => (await shop.tokens.issue({ userId: '77', role })).accessToken;
    const tokens = { shopper: await issue('shopper'), staff: await issue('staff') };
    Object.assign(stranger, { shop, tokens, send: (name: RouteName, sent: Sent) => send(stranger, name, sent) });
  });
  afterEach(() => {
    const [reached] = stranger.shop.asked;
    if (reached) throw new Error(`${reached.path} was reached with ${JSON.stringify(reached.request)}`);
  });
  afterAll(() => stranger.shop.app.close());
  return stranger;
}

async function send({ shop, tokens }: Stranger, name: RouteName, sent: Sent) {
  const route: RouteSpec = ROUTES[name];
  const own = route.who === 'anyone' ? undefined : tokens[route.who];
  const token = sent.token === undefined ? own : (sent.token ?? undefined);
  const payload = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const options: InjectOptions = {
    method: route.method,
    url: route.path.replace(/:\w+/, sent.path ?? '1') + (sent.query ?? ''),
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(route.idempotencyKey && { 'idempotency-key': 'k1' }),
      ...sent.headers,
    },
    ...(payload !== undefined && { payload }),
  };
  const answer = await shop.app.inject(options);
  const { code = '', errors = [] } = answer.json<{ code?: string; errors?: { field: string }[] }>();
  const fields = errors.map(({ field }) => field);
  return { status: answer.statusCode, type: answer.headers['content-type'], code, fields };
}

/** What `send` answers for a refusal that names these fields. */
export function problem(status: number, code: string, ...fields: string[]) {
  return { status, code, type: expect.stringContaining('application/problem+json') as unknown, fields };
}
