import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { silentLog } from '@tradewind/telemetry';
import { Controller, Get, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, envOf, listEnv, readConfig, serviceEnv } from './config.ts';
import { PrometheusMetrics } from './metrics.ts';
import { createApp } from './service.ts';
import { parseInput, ValidBody } from './valid.ts';

const body = z.strictObject({ quantity: z.int().min(1), inner: z.strictObject({ name: z.string() }).optional() });

@Controller('v1/things')
class ThingController {
  @Post()
  make(@ValidBody(body) given: unknown): unknown {
    return given;
  }

  @Get('query')
  query(@Query() given: unknown): unknown {
    return parseInput(z.strictObject({ q: z.string().optional() }), given);
  }

  @Get('refused')
  refused(): never {
    throw new Refusal('stock-short', { products: ['7'], retryAfter: 3 });
  }

  @Get('unknown')
  unknown(): never {
    throw new OutcomeUnknown('the other side');
  }

  @Get('broken')
  broken(): never {
    throw new TypeError('secret inside');
  }
}

let app: NestFastifyApplication;
let ready = true;

beforeAll(async () => {
  const config = { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0, INTERNAL_TOKEN: 'a-token-of-16-chars', LOG_LEVEL: 'silent' };
  const readiness = { needed: { db: async () => ready }, wanted: { kafka: () => Promise.reject(new Error('away')) } };
  const parts = { controllers: [ThingController], providers: [], readiness, stop: async () => {} };
  app = await createApp(config, parts, { log: silentLog, metrics: new PrometheusMetrics('test') }, 2048);
  await app.init();
});
afterAll(() => app?.close());

async function ask(method: 'GET' | 'POST', url: string, payload?: string, type = 'application/json') {
  const headers = payload === undefined ? {} : { 'content-type': type };
  const answer = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    headers: answer.headers,
    json: answer.json<Record<string, unknown>>(),
  };
}

test.each([
  ['broken JSON', '{"quantity":', 400, 'bad-request'],
  ['no body', undefined, 400, 'validation'],
  ['an unknown field deep inside', '{"quantity":1,"inner":{"name":"a","x":1}}', 400, 'validation'],
  ['a body over the limit', JSON.stringify({ quantity: 1, pad: 'x'.repeat(4000) }), 413, 'body-too-large'],
  ['__proto__', '{"quantity":1,"__proto__":{"a":1}}', 400, 'validation'],
])('%s is a 4xx problem document', async (_case, payload, status, code) => {
  const answer = await ask('POST', '/v1/things', payload);
  expect(answer).toMatchObject({ status, json: { status, code } });
  expect(answer.type).toContain('application/problem+json');
});

test('the wrong field is named by its path', async () => {
  const { json } = await ask('POST', '/v1/things', '{"quantity":1.5,"inner":{"name":"a","x":1}}');
  expect((json['errors'] as { field: string }[]).map((each) => each.field).sort()).toEqual(['inner.x', 'quantity']);
});

test('another media type, an unknown path and a query parameter that comes twice are refused', async () => {
  expect(await ask('POST', '/v1/things', '<a/>', 'text/xml')).toMatchObject({
    status: 415,
    json: { code: 'media-type' },
  });
  expect(await ask('GET', '/v1/nowhere')).toMatchObject({ status: 404, json: { code: 'not-found' } });
  expect(await ask('GET', '/v1/things/query?q=a&q=b')).toMatchObject({
    status: 400,
    json: { errors: [{ field: 'q' }] },
  });
});

test('a refusal keeps its details and tells when to come back; a bug tells nothing of its inside', async () => {
  const refused = await ask('GET', '/v1/things/refused');
  expect(refused).toMatchObject({ status: 409, json: { products: ['7'] }, headers: { 'retry-after': '3' } });
  expect(await ask('GET', '/v1/things/unknown')).toMatchObject({ status: 504, json: { code: 'deadline' } });
  const broken = await ask('GET', '/v1/things/broken');
  expect(broken).toMatchObject({ status: 500, json: { code: 'internal' } });
  expect(JSON.stringify(broken.json)).not.toContain('secret');
});

test('live is the process; ready is what it needs, not what it would like', async () => {
  expect(await ask('GET', '/health/ready')).toMatchObject({
    status: 200,
    json: { checks: { db: 'ok', kafka: 'failed' } },
  });
  ready = false;
  expect(await ask('GET', '/health/ready')).toMatchObject({ status: 503 });
  expect(await ask('GET', '/health/live')).toMatchObject({ status: 200 });
  ready = true;
});

test('the metrics page counts what was served', async () => {
  const { payload } = await app.inject({ method: 'GET', url: '/metrics' });
  expect(payload).toMatch(/tradewind_http_seconds_count\{.*route="\/v1\/things"/);
});

test('every variable that is missing or wrong is named at once, and no value is shown', () => {
  const date = envOf((text) => {
    if (text === '') throw new Error('expected a date');
    return new Date(text);
  });
  const shape = { ...serviceEnv, KAFKA_BROKERS: listEnv, SINCE: date };
  const wrong = { HTTP_PORT: 'secret-looking', KAFKA_BROKERS: ' , ', SINCE: '' };
  const error = (() => {
    try {
      return readConfig(shape, wrong);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(ConfigError);
  for (const name of ['HTTP_PORT', 'KAFKA_BROKERS', 'INTERNAL_TOKEN', 'SINCE: expected a date'])
    expect(String(error)).toContain(name);
  expect(String(error)).not.toContain('secret-looking');
});
