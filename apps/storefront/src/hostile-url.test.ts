import type { InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { problem, useStranger } from './hostile.testing.ts';
import type { RouteName } from './routes.ts';

const stranger = useStranger();

test('queries: unknown and repeated names, numbers out of bounds, made-up cursors', async () => {
  const wrong: [RouteName, string, string, string?][] = [
    ['listOrders', '?limit=0', 'limit'],
    ['listOrders', '?limit=101', 'limit'],
    ['listOrders', '?limit=-1', 'limit'],
    ['listOrders', '?limit=1.5', 'limit'],
    ['listOrders', '?limit=abc', 'limit'],
    ['listOrders', '?limit=', 'limit'],
    ['listOrders', '?limit=1&limit=2', 'limit'],
    ['listOrders', '?status=paid', 'status'],
    ['listOrders', '?status=PAID&status=PAID', 'status'],
    ['listOrders', '?page=2', 'page'],
    ['listOrders', '?__proto__=1', '__proto__'],
    ['listOrders', '?cursor=abc', 'cursor', 'cursor-invalid'],
    ['listOrders', `?cursor=${'x'.repeat(5000)}`, 'cursor'],
    ['getOrder', '?x=1', 'x'],
    ['getWallet', '?currency=XXX', 'currency'],
    ['listProducts', '?minPrice=-1', 'minPrice'],
    ['listProducts', '?maxPrice=99999999999999999999', 'maxPrice'],
    ['listProducts', '?sort=rating', 'sort'],
    ['listProducts', '?cursor=e30.e30', 'cursor', 'cursor-invalid'],
    ['listAllOrders', '?from=yesterday', 'from'],
    ['listAllOrders', '?to=2026-02-30T00:00:00Z', 'to'],
    ['listAllOrders', '?userId=0', 'userId'],
    ['listAllOrders', '?q=', 'q'],
    ['listAllOrders', `?q=${'x'.repeat(201)}`, 'q'],
    ['listAllOrders', '?minTotal=1&minTotal=2', 'minTotal'],
  ];
  for (const [name, query, field, code = 'validation'] of wrong) {
    expect(await stranger.send(name, { query }), `${name} ${query}`).toEqual(problem(400, code, field));
  }
});

test('a method that a path does not take is 405 and names those that it does', async () => {
  const wrong: [NonNullable<InjectOptions['method']>, string, string][] = [
    ['DELETE', '/v1/orders/1', 'GET, HEAD'],
    ['PATCH', '/v1/orders?limit=1', 'POST, GET, HEAD'],
    ['GET', '/v1/users', 'POST'],
    ['PUT', '/v1/wallet', 'GET, HEAD'],
    ['OPTIONS', '/v1/orders/abc/payments', 'POST'],
  ];
  for (const [method, url, allow] of wrong) {
    const answer = await stranger.shop.app.inject({ method, url });
    expect([url, answer.statusCode, answer.headers['allow']]).toEqual([url, 405, allow]);
    expect(answer.json()).toMatchObject({ code: 'method-not-allowed' });
  }
});

test('unknown paths are 404, what later issues bring too', async () => {
  const paths: [NonNullable<InjectOptions['method']>, string][] = [
    ['GET', '/v1/cart'],
    ['POST', '/v1/orders/1/refunds'],
    ['GET', '/v1'],
    ['GET', '/v1/orders/'],
    ['GET', '/v1/orders/1/'],
    ['GET', '/v2/orders'],
    ['GET', '/internal/orders/view'],
    ['POST', '/../../etc/passwd'],
  ];
  for (const [method, url] of paths) {
    const answer = await stranger.shop.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${stranger.tokens.shopper}` },
    });
    expect([method, url, answer.statusCode]).toEqual([method, url, 404]);
    expect(answer.json()).toMatchObject({ code: 'not-found' });
  }
});
