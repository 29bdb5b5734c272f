import { isUtf8 } from 'node:buffer';
import { HttpException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/**
 * JSON is the only body that a service takes; anything else is 415. The framework's own parsers would take forms and plain text too, and
 * would silently put U+FFFD where a body is no UTF-8, so that what is stored is not what was sent.
 *
 * An empty body counts as none. A key such as `__proto__` stays an ordinary own key, which strict schemas then refuse by its name.
 */
export function takeJsonOnly(
  fastify: Pick<FastifyInstance, 'addContentTypeParser' | 'removeAllContentTypeParsers'>,
): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws HttpException 400 that says what is wrong with the bytes */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new HttpException('the body is not valid UTF-8', 400);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpException('the body is not valid JSON', 400);
  }
}
