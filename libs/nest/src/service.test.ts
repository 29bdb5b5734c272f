import { type AddressInfo, connect } from 'node:net';
import { currentTrace, silentLog } from '@tradewind/telemetry';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp, PrometheusMetrics } from './index.ts';

@Controller('echo')
class EchoController {
  @Post()
  body(@Body() body: unknown): unknown {
    return { body, traceId: currentTrace()?.traceId };
  }

  @Get(':id')
  show(@Param('id') id: string): unknown {
    return { id };
  }
}

let app: NestFastifyApplication;

beforeAll(async () => {
  const parts = { controllers: [EchoController], providers: [], readiness: { needed: {} }, stop: async () => {} };
  const config = { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0, INTERNAL_TOKEN: 'a token of a test', LOG_LEVEL: 'silent' };
  const context = { log: silentLog, metrics: new PrometheusMetrics('test') };
  app = await createApp(config, parts, context, 1024);
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

async function post(body: string | Buffer, type = 'application/json') {
  const answer = await app.inject({ method: 'POST', url: '/echo', payload: body, headers: { 'content-type': type } });
  return { status: answer.statusCode, type: answer.headers['content-type'], body: answer.json() };
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(bytes: string): Promise<string> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

test('forms, plain text and a body without a type are 415, not something parsed', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'text/json', '']) {
    expect(await post('a=1', type)).toMatchObject({
      status: 415,
      type: expect.stringContaining('application/problem+json'),
      body: { code: 'media-type' },
    });
  }
});

test('bytes that are no UTF-8 are refused, not replaced', async () => {
  expect(await post(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toMatchObject({
    status: 400,
    body: { code: 'bad-request', errors: [{ field: 'body', message: 'the body is not valid UTF-8' }] },
  });
});

test('broken JSON, trailing garbage and too much of it name the body', async () => {
  for (const body of ['{', '{}x', '{} {}', 'NaN', "{'a':1}"]) {
    expect(await post(body)).toMatchObject({ status: 400, body: { errors: [{ field: 'body' }] } });
  }
  expect(await post(JSON.stringify('x'.repeat(2000)))).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
});

test('an empty body counts as none', async () => {
  expect(await post('')).toMatchObject({ status: 201 });
  expect((await post('')).body.body).toBeUndefined();
});

test('the trace that a request came with is still there behind its body', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const { port } = app.getHttpServer().address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/echo`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  expect(await answer.json()).toMatchObject({ traceId });
});

test('what HTTP itself refuses is a problem document too', async () => {
  for (const url of ['/echo/%ff', `/echo/${'9'.repeat(300)}`]) {
    const answer = await app.inject({ method: 'GET', url });
    expect([400, 404, 414]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  }
  for (const bytes of [
    `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
    'not http at all\r\n\r\n',
  ]) {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('content-type: application/problem+json');
  }
});

test('an unknown path and a wrong method are 404', async () => {
  expect((await app.inject({ method: 'GET', url: '/nowhere' })).json()).toMatchObject({ code: 'not-found' });
  expect((await app.inject({ method: 'DELETE', url: '/echo' })).statusCode).toBe(404);
});
