import type { Call } from '@tradewind/contracts';
import { isProblemCode, OutcomeUnknown, type ProblemDetails, Refusal } from '@tradewind/errors';
import { currentTrace, formatTraceparent } from '@tradewind/telemetry';
import { Pool } from 'undici';
import type { z } from 'zod';

/** Keep-alive connections to one service. Under batches few are enough; more would only add context switches. */
const CONNECTIONS_MOST = 32;
const DEADLINE_MS = 5000;
const PING_MS = 1500;
/** Bytes of an answer that is not JSON that are kept for the log. */
const SNIPPET_MOST = 300;

/**
 * Calls one of our services over plain HTTP with keep-alive, JSON, a deadline and the current trace.
 *
 * A problem document becomes a `Refusal` with its code. A server that can't be reached at all is a `Refusal` too (`unavailable`: the
 * call did not happen). Everything after the request has left is `OutcomeUnknown`: it may have happened.
 */
export class ServiceClient {
  readonly #name: string;
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;

  constructor(name: string, url: string, internalToken: string) {
    this.#name = name;
    this.#pool = new Pool(url, { connections: CONNECTIONS_MOST, pipelining: 1, connect: { timeout: 2000 } });
    this.#headers = { 'content-type': 'application/json', authorization: `Bearer ${internalToken}` };
  }

  /**
   * @param deadlineMs how long the whole call may take
   * @throws Refusal, OutcomeUnknown as above
   */
  async call<Q extends z.ZodType, A extends z.ZodType>(
    call: Call<Q, A>,
    request: z.input<Q>,
    deadlineMs: number = DEADLINE_MS,
  ): Promise<z.output<A>> {
    const trace = currentTrace();
    const { status, body } = await this.#post(
      call.path,
      JSON.stringify(request),
      trace ? { ...this.#headers, traceparent: formatTraceparent(trace) } : this.#headers,
      deadlineMs,
    );
    if (status !== 200) throw asRefusal(this.#name, status, body);
    return call.answer.parse(parse(this.#name, body));
  }

  /** Resolves when the service says that it lives; rejects otherwise, at the latest after 1.5 s. */
  async ping(): Promise<void> {
    const request = { method: 'GET', path: '/health/live', signal: AbortSignal.timeout(PING_MS) } as const;
    const answer = await this.#pool.request(request);
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`${this.#name} answered ${answer.statusCode}`);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #post(
    path: string,
    body: string,
    headers: Record<string, string>,
    deadlineMs: number,
  ): Promise<{ status: number; body: string }> {
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path,
        headers,
        body,
        signal: AbortSignal.timeout(deadlineMs),
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch (error) {
      if (neverSent(error)) throw new Refusal('unavailable', { detail: `${this.#name} is away`, retryAfter: 1 });
      throw new OutcomeUnknown(`${this.#name} ${path}`, error);
    }
  }
}

function neverSent(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code);
}

function parse(name: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new OutcomeUnknown(`${name} answered no JSON: ${body.slice(0, SNIPPET_MOST)}`, error);
  }
}

function asRefusal(name: string, status: number, body: string): Error {
  const problem = parse(name, body) as { code?: unknown; type?: unknown } & ProblemDetails;
  const { code, type: _type, title: _title, status: _status, instance: _instance, ...details } = problem;
  if (!isProblemCode(code)) return new OutcomeUnknown(`${name} answered ${status}: ${body.slice(0, SNIPPET_MOST)}`);
  if (code === 'internal' || code === 'deadline') return new OutcomeUnknown(`${name} answered ${code}`);
  return new Refusal(code, details as ProblemDetails);
}
