import { randomUUID } from 'node:crypto';

/** An answer of the shop: whatever its status. */
export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** What a caller may add to a request. */
export interface Extra {
  readonly key?: string;
  readonly ifMatch?: string;
  readonly headers?: Record<string, string>;
}

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface OrderView {
  readonly orderId: string;
  readonly userId: string;
  readonly status: string;
  readonly version: number;
  readonly lines: { productId: string; name: string; quantity: number; unitPrice: Money }[];
  readonly total: Money;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly expiresAt?: string;
}

export interface ProductView {
  readonly productId: string;
  readonly name: string;
  readonly price: Money;
  readonly available: number;
}

/** One request, ms; the shop's own deadlines are shorter. */
const REQUEST_MS = 15_000;
/** Tries of a request that is repeated until it has a definite answer; with the pauses, a process has 40 s to come back. */
const TRIES_MOST = 80;
const PAUSE_MS = 500;

export const ADDRESS = {
  name: 'Ada Lovelace',
  line1: 'Hafenstr. 1',
  city: 'Hamburg',
  postalCode: '20095',
  country: 'DE',
};

/** Talks to a running shop over the wire, as one user or as nobody. */
export class Shop {
  readonly url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url.replace(/\/$/, '');
    this.#token = token;
  }

  /** The same user at another door of the shop. */
  at(url: string): Shop {
    return new Shop(url, this.#token);
  }

  /** Sends one request and answers whatever came back. @throws TypeError from fetch when the connection failed */
  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    extra: Extra = {},
  ): Promise<Answer<T>> {
    const headers: Record<string, string> = { ...extra.headers };
    if (this.#token !== undefined) headers['authorization'] ??= `Bearer ${this.#token}`;
    if (extra.key !== undefined) headers['idempotency-key'] = extra.key;
    if (extra.ifMatch !== undefined) headers['if-match'] = extra.ifMatch;
    if (body !== undefined) headers['content-type'] ??= 'application/json';
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
  }

  get<T = Record<string, unknown>>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body: unknown = {}, extra: Extra = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, body, extra);
  }

  /**
   * Repeats a request with the same key until its answer is definite, as a client of the shop should: a lost connection, 202, 503 and 504 say
   * "unknown or not now", and 409 request-running "still at it".
   * @throws Error when no definite answer came in time
   */
  async insist<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    key: string = randomUUID(),
  ): Promise<Answer<T>> {
    let last: unknown;
    for (let attempt = 1; attempt <= TRIES_MOST; attempt++) {
      const answer = await this.send<T>(method, path, body, method === 'GET' ? {} : { key }).catch(
        (error: unknown) => void (last = error),
      );
      if (answer && isDefinite(answer)) return answer;
      last = answer ?? last;
      await pause(PAUSE_MS);
    }
    throw new Error(`no definite answer to ${method} ${path}: ${JSON.stringify(last)}`);
  }

  /** Signs a user up, or in when the address is known already. */
  async enter(email: string, password: string, name = 'A Shopper'): Promise<Shop> {
    const created = await this.insist('POST', '/v1/users', { email, password, name });
    if (created.status !== 201 && created.status !== 409) throw unexpected('sign up', created);
    return this.signIn(email, password);
  }

  async signIn(email: string, password: string): Promise<Shop> {
    const session = await this.insist<{ accessToken: string }>('POST', '/v1/sessions', { email, password });
    if (session.status !== 201) throw unexpected('sign in', session);
    return new Shop(this.url, session.body.accessToken);
  }

  async place(items: { productId: string; quantity: number }[], key?: string): Promise<Answer<OrderView>> {
    return this.insist<OrderView>('POST', '/v1/orders', { items, shippingAddress: ADDRESS }, key);
  }

  async pay(orderId: string, key?: string): Promise<Answer<{ state: string; order?: OrderView }>> {
    return this.insist('POST', `/v1/orders/${orderId}/payments`, { method: 'wallet' }, key);
  }

  async deposit(amount: number, key?: string): Promise<Answer> {
    return this.insist('POST', '/v1/wallet/deposits', { amount: { amount, currency: 'EUR' } }, key);
  }

  async wallet(): Promise<{ balance: Money; frozen: Money }> {
    return (await this.insist<{ balance: Money; frozen: Money }>('GET', '/v1/wallet')).body;
  }

  async product(productId: string): Promise<ProductView> {
    return (await this.insist<ProductView>('GET', `/v1/products/${productId}`)).body;
  }
}

/** Whether a client may act on an answer: everything else it repeats with the same key. */
export function isDefinite({ status, body }: Answer<unknown>): boolean {
  if (status === 202 || status === 503 || status === 504 || status === 500) return false;
  return !(status === 409 && (body as { code?: string }).code === 'request-running');
}

export function unexpected(what: string, answer: Answer<unknown>): Error {
  return new Error(`${what}: unexpected ${answer.status} ${JSON.stringify(answer.body)}`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until `look` answers something truthy.
 * @throws Error naming `what` when it has not within `withinMs`
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined>,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain for: ${what}`);
    await pause(100);
  }
}

/** Runs `work` for each item, at most `most` at once, answers in order. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}
