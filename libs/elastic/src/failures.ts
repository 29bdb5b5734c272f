import { errors } from '@elastic/elasticsearch';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';

/** Seconds until a client should come back when Elasticsearch is away or full. */
const RETRY_AFTER_SECONDS = 1;

/** The HTTP status of an answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof errors.ResponseError ? error.statusCode : undefined;
}

/** The `type` of the first cause that the server named, such as `search_context_missing_exception`. */
export function causeOf(error: unknown): string | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined;
  const body = error.body as { error?: { type?: string; root_cause?: { type?: string }[] } } | undefined;
  return body?.error?.root_cause?.[0]?.type ?? body?.error?.type;
}

/** No answer, or one that says "not now": the same call may succeed later. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status === 429 || status >= 502;
  return error instanceof errors.ConnectionError || error instanceof errors.TimeoutError;
}

/** For a read: nothing changed, so an absent server is a refusal. A mistake of ours (a bad query) stays the driver's error. */
export function translateRead(error: unknown): unknown {
  if (!isPassing(error)) return error;
  return new Refusal('unavailable', { detail: 'search is not available just now', retryAfter: RETRY_AFTER_SECONDS });
}

/** For a write that may be repeated: whether it happened is not known. */
export function translateWrite(error: unknown, what: string): unknown {
  return isPassing(error) ? new OutcomeUnknown(what, error) : error;
}
