import type { Call } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import { createApp, PrometheusMetrics, type ServiceParts } from '@tradewind/nest';
import { silentLog } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { AccessTokens } from './auth/access-tokens.ts';
import { admitAll } from './auth/admit.ts';
import { CONTROLLERS } from './controllers.ts';
import { Downstream, INVENTORY, ORDER, PAYMENT, SEARCH } from './downstream.ts';
import { Cursors } from './paging/cursors.ts';
import { nameOtherMethods } from './requests/other-methods.ts';
import { FailedLogins, type SharedCounter } from './sessions/failed-logins.ts';
import { SignIn } from './sessions/sign-in.ts';
import { Passwords } from './users/passwords.ts';
import { SignUp } from './users/sign-up.ts';
import type { UserRow } from './users/user.row.ts';
import type { UserStore } from './users/user.store.ts';

/** Cheap, so that a test that is not about hashing does not wait for it. */
export const CHEAP = { memoryKib: 64, passes: 1, parallelism: 1 };

type AnyCall = Call<z.ZodType, z.ZodType>;
type Answer = (request: never) => unknown;

/** The storefront with its real HTTP side, and with services behind it that answer what a test says and note what they were asked. */
export interface Storefront {
  readonly app: NestFastifyApplication;
  readonly tokens: AccessTokens;
  readonly asked: { path: string; request: unknown }[];
  /** Makes a call fail with `error`. */
  fail(call: { readonly path: string }, error: Error): void;
  answer<Q extends z.ZodType, A extends z.ZodType>(
    call: Call<Q, A>,
    answer: (request: z.output<Q>) => z.input<A>,
  ): void;
}

export async function openStorefront(options: { clock?: Clock; counter?: SharedCounter } = {}): Promise<Storefront> {
  const { clock = systemClock, counter = countInMemory() } = options;
  const asked: Storefront['asked'] = [];
  const answers = new Map<string, Answer>();
  const service = new Downstream({
    call: (async (call: AnyCall, request: never) => {
      // Both sides parse: a request that the service would refuse is a bug of the storefront.
      const taken = call.request.parse(JSON.parse(JSON.stringify(request)));
      asked.push({ path: call.path, request: taken });
      const answer = answers.get(call.path);
      if (answer === undefined) throw new Refusal('unavailable', { retryAfter: 1 });
      return call.answer.parse(answer(taken as never));
    }) as never,
  });
  const tokens = new AccessTokens('a secret of thirty-two characters', clock);
  const app = await createApp(CONFIG, partsOf(service, tokens, { clock, counter }), CONTEXT(), 64 * 1024);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const fail = ({ path }: { readonly path: string }, error: Error): void => {
    answers.set(path, () => {
      throw error;
    });
  };
  return { app, tokens, asked, fail, answer: (call, answer) => void answers.set(call.path, answer as Answer) };
}

const CONFIG = { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0, INTERNAL_TOKEN: 'a token of a test', LOG_LEVEL: 'silent' };
const CONTEXT = () => ({ log: silentLog, metrics: new PrometheusMetrics('test') });

function partsOf(
  service: Downstream,
  tokens: AccessTokens,
  { clock, counter }: { clock: Clock; counter: SharedCounter },
): ServiceParts {
  const store = usersInMemory();
  const passwords = new Passwords(CHEAP);
  const ids = new SnowflakeIds({ lease: soloLease(1), clock });
  return {
    controllers: CONTROLLERS,
    providers: [
      ...[ORDER, INVENTORY, PAYMENT, SEARCH].map((provide) => ({ provide, useValue: service })),
      { provide: Cursors, useValue: new Cursors('another secret of 32 characters!', clock) },
      { provide: SignUp, useValue: new SignUp(store, passwords, ids, clock) },
      { provide: SignIn, useValue: new SignIn(store, passwords, tokens, new FailedLogins(counter)) },
    ],
    readiness: { needed: {} },
    configure: (app) => {
      const http = app.getHttpAdapter().getInstance();
      nameOtherMethods(http);
      admitAll(http, tokens);
    },
    stop: async () => {},
  };
}

function usersInMemory(): UserStore {
  const rows = new Map<string, UserRow>();
  const store: Pick<UserStore, 'byEmail' | 'insert' | 'makeStaff'> = {
    byEmail: async (email) => rows.get(email),
    insert: async (user) => {
      if (rows.has(user.email)) throw new Refusal('email-taken');
      rows.set(user.email, { slot: 0, ...user });
    },
    makeStaff: async () => {},
  };
  return store as UserStore;
}

export function countInMemory(): SharedCounter {
  const counts = new Map<string, number>();
  return {
    countWithin: async (key) => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count;
    },
    counted: async (key) => ({ count: counts.get(key) ?? 0, endsInSeconds: 900 }),
  };
}
