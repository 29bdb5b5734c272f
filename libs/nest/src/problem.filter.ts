import {
  InvariantBroken,
  OutcomeUnknown,
  problemDocument,
  type ProblemCode,
  type ProblemDetails,
  PROBLEMS,
  Refusal,
} from '@tradewind/errors';
import { currentTrace, type Log } from '@tradewind/telemetry';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What Fastify and Nest throw by themselves, by HTTP status. */
const BY_STATUS: Record<number, ProblemCode> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'body-too-large',
  414: 'bad-request',
  415: 'media-type',
  431: 'bad-request',
  503: 'unavailable',
};

/** @returns the problem that an error is shown as; everything unforeseen is `internal`, without a word about its inside. */
function problemOf(error: unknown): { code: ProblemCode; details: ProblemDetails } {
  if (error instanceof Refusal) return { code: error.code, details: error.details };
  if (error instanceof OutcomeUnknown) return { code: 'deadline', details: { retryAfter: 1 } };
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | undefined)?.statusCode;
  const code = BY_STATUS[status ?? 0];
  if (code === undefined) return { code: 'internal', details: {} };
  const detail = code === 'bad-request' || code === 'media-type' ? (error as Error).message : undefined;
  return {
    code,
    details:
      detail === undefined
        ? {}
        : { detail, ...(code === 'bad-request' && { errors: [{ field: 'body', message: detail }] }) },
  };
}

/** Turns everything that is thrown into an RFC 9457 document, in the one place that does so. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;
  readonly #onBroken: (error: Error) => void;

  constructor(log: Log, onBroken: (error: Error) => void) {
    this.#log = log;
    this.#onBroken = onBroken;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { code, details } = problemOf(error);
    if (code === 'internal' || code === 'deadline')
      this.#log.error({ err: error, url: request.url }, 'a request failed');
    const traceId = currentTrace()?.traceId;
    const document = problemDocument(
      code,
      traceId === undefined ? details : { ...details, traceId },
      request.url.split('?')[0],
    );
    if (details.retryAfter !== undefined) void reply.header('retry-after', String(details.retryAfter));
    if (code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply.status(PROBLEMS[code].status).type('application/problem+json').send(JSON.stringify(document));
    if (error instanceof InvariantBroken) this.#onBroken(error);
  }
}
