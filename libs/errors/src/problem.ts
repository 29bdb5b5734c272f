/**
 * Every error a client can meet, in one table.
 *
 * The code is stable: it is the last part of the problem's `type` (RFC 9457) and what callers switch on. `status` is the HTTP
 * status, `title` the same text for every occurrence, `next` what the caller should do: `fix` the request, `wait` and repeat it
 * unchanged, or `stop`, since repeating can't help.
 */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is malformed', next: 'fix' },
  validation: { status: 400, title: 'A field is missing, unknown or out of range', next: 'fix' },
  'idempotency-key-missing': { status: 400, title: 'This call needs an Idempotency-Key header', next: 'fix' },
  'cursor-invalid': { status: 400, title: 'The cursor is forged, expired or of another query', next: 'fix' },
  unauthenticated: { status: 401, title: 'A valid access token is needed', next: 'fix' },
  'credentials-wrong': { status: 401, title: 'The e-mail address or the password is wrong', next: 'fix' },
  forbidden: { status: 403, title: 'This account may not do that', next: 'stop' },
  'not-found': { status: 404, title: 'There is no such thing, or it is not yours', next: 'stop' },
  'method-not-allowed': { status: 405, title: 'This resource does not take this method', next: 'fix' },
  'email-taken': { status: 409, title: 'This e-mail address has an account already', next: 'stop' },
  'stock-short': { status: 409, title: 'There is not enough stock', next: 'fix' },
  'product-unknown': { status: 409, title: 'A product of this order does not exist', next: 'fix' },
  'currency-mixed': { status: 409, title: 'The products of an order must share one currency', next: 'fix' },
  'balance-short': { status: 409, title: 'The wallet holds too little', next: 'fix' },
  'balance-limit': { status: 409, title: 'The wallet can not hold so much', next: 'fix' },
  'daily-limit': { status: 409, title: 'The daily spending limit is reached', next: 'wait' },
  'order-not-payable': { status: 409, title: 'This order can not be paid any more', next: 'stop' },
  'order-not-cancellable': { status: 409, title: 'This order can not be cancelled any more', next: 'stop' },
  'transition-refused': { status: 409, title: "The order's status does not allow this change", next: 'stop' },
  'request-running': { status: 409, title: 'A request with this Idempotency-Key is still running', next: 'wait' },
  'branch-conflict': { status: 409, title: 'The transaction branch is in a phase that forbids this', next: 'stop' },
  'version-stale': { status: 412, title: 'The resource has changed since you read it', next: 'fix' },
  'body-too-large': { status: 413, title: 'The request body is too large', next: 'fix' },
  'media-type': { status: 415, title: 'The request body must be application/json', next: 'fix' },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used for another request', next: 'fix' },
  'too-many-attempts': { status: 429, title: 'Too many attempts', next: 'wait' },
  internal: { status: 500, title: 'Something broke on our side', next: 'wait' },
  unavailable: { status: 503, title: 'A part of the shop is not available just now', next: 'wait' },
  overloaded: { status: 503, title: 'The shop is at its limit just now', next: 'wait' },
  deadline: { status: 504, title: 'The answer did not come in time; the outcome is unknown', next: 'wait' },
} as const satisfies Record<string, { status: number; title: string; next: 'fix' | 'wait' | 'stop' }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One member of a problem's `errors` list: which field (JSON Pointer style, dotted path) is wrong, and why. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The members that an occurrence adds to its problem document. Everything here is shown to the client. */
export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds; becomes the Retry-After header. */
  readonly retryAfter?: number;
  readonly [extension: string]: unknown;
}

const TYPE_BASE = 'https://tradewind.example/problems/';

/** The problem document of RFC 9457 for a code; `instance` is the request's path. */
export function problemDocument(
  code: ProblemCode,
  details: ProblemDetails = {},
  instance?: string,
): Record<string, unknown> {
  const { status, title } = PROBLEMS[code];
  return { type: TYPE_BASE + code, title, status, code, ...(instance === undefined ? {} : { instance }), ...details };
}

export function isProblemCode(value: unknown): value is ProblemCode {
  return typeof value === 'string' && Object.hasOwn(PROBLEMS, value);
}
