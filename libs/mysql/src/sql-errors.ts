import { OutcomeUnknown, Refusal } from '@tradewind/errors';

// Judged by errno: MariaDB's error names differ from the ones that mysql2 prints for the same number.
const DUPLICATE_KEY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
const SERVER_GONE = new Set([
  1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1317, 1927, 1969, 2006, 2013, 3024,
]);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
  'POOL_NOQUEUE',
]);

interface SqlFailure {
  readonly errno?: number;
  readonly code?: string;
  readonly fatal?: boolean;
  readonly message: string;
}

function asFailure(error: unknown): SqlFailure {
  const inner = (error as { driverError?: SqlFailure } | undefined)?.driverError;
  return inner ?? (error as SqlFailure);
}

/** @returns the name of the unique key that a duplicate was refused by (`PRIMARY` for the primary one); undefined for other errors. */
export function duplicateKey(error: unknown): string | undefined {
  const failure = asFailure(error);
  if (failure?.errno !== DUPLICATE_KEY) return undefined;
  const name = /for key '(?:[^']*\.)?([^'.]+)'/.exec(failure.message)?.[1];
  return name ?? 'PRIMARY';
}

/** True when the server rolled the whole transaction back to break a lock cycle or a long wait: it may simply be run again. */
export function isLockConflict(error: unknown): boolean {
  const { errno } = asFailure(error) ?? {};
  return errno === DEADLOCK || errno === LOCK_WAIT_TIMEOUT;
}

/** True when the connection or the server is gone, so that nobody can say more on this connection. */
export function isConnectionFailure(error: unknown): boolean {
  const failure = asFailure(error);
  if (failure === undefined || failure === null) return false;
  return SERVER_GONE.has(failure.errno ?? 0) || SOCKET_CODES.has(failure.code ?? '') || failure.fatal === true;
}

/** What a caller above SQL gets: refusals stay, a lost server or a hopeless lock becomes `unavailable`, the rest stays as it is. */
export function translate(error: unknown, shard: string): unknown {
  if (error instanceof Refusal || error instanceof OutcomeUnknown) return error;
  if (isConnectionFailure(error) || isLockConflict(error)) {
    return new Refusal('unavailable', {
      detail: `the part of the shop that holds this data is away`,
      retryAfter: 1,
      shard,
    });
  }
  const message = (error as Error | undefined)?.message ?? '';
  if (message === 'Queue limit reached.') return new Refusal('overloaded', { retryAfter: 1, shard });
  return error;
}
