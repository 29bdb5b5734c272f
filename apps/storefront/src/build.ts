import { join } from 'node:path';
import { connectEtcd, leaseWorker, watchShardMap } from '@tradewind/etcd';
import { ServiceClient } from '@tradewind/http';
import { SnowflakeIds } from '@tradewind/ids';
import { Shards } from '@tradewind/mysql';
import type { ServiceContext, ServiceParts } from '@tradewind/nest';
import { connectRedis } from '@tradewind/redis';
import { systemClock } from '@tradewind/time';
import { AccessTokens } from './auth/access-tokens.ts';
import { admitAll } from './auth/admit.ts';
import type { Config } from './config.ts';
import { CONTROLLERS } from './controllers.ts';
import { Downstream, INVENTORY, ORDER, PAYMENT, SEARCH } from './downstream.ts';
import { Cursors } from './paging/cursors.ts';
import { nameOtherMethods } from './requests/other-methods.ts';
import { FailedLogins } from './sessions/failed-logins.ts';
import { SignIn } from './sessions/sign-in.ts';
import { Passwords } from './users/passwords.ts';
import { SignUp } from './users/sign-up.ts';
import { ensureStaffAccount } from './users/staff-account.ts';
import { UserRow } from './users/user.row.ts';
import { UserStore } from './users/user.store.ts';

/** How long a start waits for a shard that is away, ms: a database that restarts takes some seconds. */
const START_MS = 30_000;

/** The wiring of the storefront, all of it. */
export async function build(config: Config, { log }: ServiceContext): Promise<ServiceParts> {
  const etcd = connectEtcd({ endpoints: config.ETCD_ENDPOINTS, log });
  const router = await watchShardMap('users', { etcd, cacheFile: join(config.STATE_DIR, 'users.map.json') });
  const shards = await Shards.open(config.STOREFRONT_SHARDS, router, { entities: [UserRow], withinMs: START_MS, log });
  const ids = new SnowflakeIds({ lease: await leaseWorker({ etcd, pool: 'users' }), clock: systemClock });
  await ids.ready();
  const redis = connectRedis({ url: config.REDIS_URL, log });

  const clients = clientsOf(config);

  const store = new UserStore(shards);
  const passwords = new Passwords();
  const tokens = new AccessTokens(config.JWT_SECRET, systemClock);
  const signUp = new SignUp(store, passwords, ids, systemClock);
  const signIn = new SignIn(store, passwords, tokens, new FailedLogins(redis));

  return {
    controllers: CONTROLLERS,
    providers: [
      { provide: ORDER, useValue: new Downstream(clients.order) },
      { provide: INVENTORY, useValue: new Downstream(clients.inventory) },
      { provide: PAYMENT, useValue: new Downstream(clients.payment) },
      { provide: SEARCH, useValue: new Downstream(clients.search) },
      { provide: Cursors, useValue: new Cursors(config.CURSOR_SECRET, systemClock) },
      { provide: SignUp, useValue: signUp },
      { provide: SignIn, useValue: signIn },
    ],
    readiness: {
      needed: { shards: () => shards.ping() },
      wanted: { ...shards.pings(), ...livesOf(clients), redis: () => redis.ping() },
    },
    configure: (app) => {
      const http = app.getHttpAdapter().getInstance();
      nameOtherMethods(http);
      admitAll(http, tokens);
    },
    start: async () => {
      const account = { email: config.STAFF_EMAIL, password: config.STAFF_PASSWORD };
      const what = await ensureStaffAccount(account, { store, passwords, signUp });
      log.info({ email: config.STAFF_EMAIL, what }, 'staff account is there');
    },
    stop: async () => {
      await Promise.all([...Object.values(clients).map((each) => each.close()), redis.close()]);
      await router.stop();
      await etcd.close();
      await shards.close();
    },
  };
}

type Clients = Readonly<Record<'order' | 'inventory' | 'payment' | 'search', ServiceClient>>;

function clientsOf(config: Config): Clients {
  const client = (name: string, url: string) => new ServiceClient(name, url, config.INTERNAL_TOKEN);
  return {
    order: client('order', config.ORDER_URL),
    inventory: client('inventory', config.INVENTORY_URL),
    payment: client('payment', config.PAYMENT_URL),
    search: client('search', config.SEARCH_URL),
  };
}

function livesOf(clients: Clients): Record<string, () => Promise<void>> {
  return Object.fromEntries(Object.entries(clients).map(([name, client]) => [name, () => client.ping()]));
}
