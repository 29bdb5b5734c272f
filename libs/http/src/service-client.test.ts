import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineCall } from '@tradewind/contracts';
import { OutcomeUnknown, problemDocument, Refusal } from '@tradewind/errors';
import { newTrace, withTrace } from '@tradewind/telemetry';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ServiceClient } from './service-client.ts';

const ping = defineCall('/internal/ping', z.object({ n: z.int() }), z.object({ n: z.int() }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function serve(listener: RequestListener): Promise<ServiceClient> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new ServiceClient(
    'peer',
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'a-token-of-16-chars',
  );
  open.push({ close: () => (server.closeAllConnections(), server.close()) }, client);
  return client;
}

test('a call carries the token and the trace, and its answer is parsed', async () => {
  let headers: Record<string, unknown> = {};
  const client = await serve((request, response) => {
    headers = request.headers;
    response.end('{"n":2}');
  });
  const trace = newTrace();
  expect(await withTrace(trace, () => client.call(ping, { n: 1 }))).toEqual({ n: 2 });
  expect(headers['authorization']).toBe('Bearer a-token-of-16-chars');
  expect(headers['traceparent']).toContain(trace.traceId);
});

test('a problem document is a refusal with its code and details', async () => {
  const client = await serve((_request, response) => {
    response.statusCode = 409;
    response.end(JSON.stringify(problemDocument('stock-short', { products: ['7'] })));
  });
  const refused = await client.call(ping, { n: 1 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: 'stock-short', details: { products: ['7'] } });
});

test('what may have happened is unknown: no answer in time, a connection cut off, an answer that is no JSON, an internal error', async () => {
  const listeners: RequestListener[] = [
    () => {},
    (request) => request.socket.destroy(),
    (_request, response) => void response.end('<html>'),
    (_request, response) => void (response.writeHead(500), response.end(JSON.stringify(problemDocument('internal')))),
  ];
  for (const listener of listeners) {
    const client = await serve(listener);
    await expect(client.call(ping, { n: 1 }, 200)).rejects.toBeInstanceOf(OutcomeUnknown);
  }
});

test('a server that is not there is a definite no', async () => {
  const client = await serve(() => {});
  await open.splice(0, 1)[0]!.close();
  await expect(client.call(ping, { n: 1 })).rejects.toMatchObject({ code: 'unavailable' });
});

test('a service lives only when it says so', async () => {
  const well = await serve((request, response) =>
    response.writeHead(request.url === '/health/live' ? 200 : 404).end('{}'),
  );
  await expect(well.ping()).resolves.toBeUndefined();
  const ill = await serve((_request, response) => response.writeHead(503).end());
  await expect(ill.ping()).rejects.toThrow('peer answered 503');
});
