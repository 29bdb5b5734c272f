import { readFile, writeFile } from 'node:fs/promises';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTROLLERS } from '../controllers.ts';
import { Downstream, INVENTORY, ORDER, PAYMENT, SEARCH } from '../downstream.ts';
import { IF_MATCH_PATTERN, readIfMatch } from '../requests/etag.ts';
import { KEY_PATTERN, readIdempotencyKey } from '../requests/idempotency-key.ts';
import { Cursors } from '../paging/cursors.ts';
import { SignIn } from '../sessions/sign-in.ts';
import { SignUp } from '../users/sign-up.ts';
import { openApiDocument } from './document.ts';
import { docsPage } from './docs-page.ts';

const FILE = new URL('../../openapi.json', import.meta.url);
/** Lie outside /v1 and need no description beyond their names. */
const FOR_MACHINES = ['GET /', 'GET /docs', 'GET /openapi.json'];

async function servedRoutes(): Promise<string[]> {
  const none = [ORDER, INVENTORY, PAYMENT, SEARCH, Downstream, Cursors, SignUp, SignIn];
  @Module({ controllers: CONTROLLERS, providers: none.map((provide) => ({ provide, useValue: {} })) })
  class Served {}
  const adapter = new FastifyAdapter();
  const served: string[] = [];
  (adapter.getInstance() as unknown as FastifyInstance).addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const each of [method].flat()) if (each !== 'HEAD') served.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
  const app = await NestFactory.create(Served, adapter, { logger: false });
  await app.init();
  await app.close();
  return served.sort();
}

function describedRoutes(): string[] {
  return Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

test('what is served is described, and what is described is served', async () => {
  expect(await servedRoutes()).toEqual([...describedRoutes(), ...FOR_MACHINES].sort());
});

test('the committed file is the document of this code; UPDATE_OPENAPI=1 writes it', async () => {
  const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
  if (process.env['UPDATE_OPENAPI']) await writeFile(FILE, text);
  expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(JSON.parse(text));
});

test('every reference in the document leads somewhere', () => {
  const document = openApiDocument();
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect(document.components.schemas).toHaveProperty(name);
  expect(text).not.toContain('$defs');
});

test('every link inside the page leads somewhere, and the page fetches nothing', () => {
  const page = docsPage(openApiDocument());
  for (const [, target] of page.matchAll(/href="#([\w-]+)"/g)) expect(page).toContain(`id="${target}"`);
  expect(page).not.toMatch(/<script|src="|url\(|@import/);
});

test('the patterns of the headers in the document say what the code takes', () => {
  const key = new RegExp(KEY_PATTERN);
  const match = new RegExp(IF_MATCH_PATTERN);
  fc.assert(
    fc.property(fc.stringMatching(/^["\\ -~W/*0-9]{0,6}$/), (text) => {
      expect(key.test(text), text).toBe(takes(() => readIdempotencyKey(text)) && text === text.trim());
      expect(match.test(text), text).toBe(takes(() => readIfMatch(text)) && text === text.trim());
    }),
  );
});

function takes(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
