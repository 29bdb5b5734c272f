import { join } from 'node:path';
import { connectEtcd, EtcdWorkerLease, watchShardMap } from '@tradewind/etcd';
import { ServiceClient } from '@tradewind/http';
import { SnowflakeIds } from '@tradewind/ids';
import { Shards } from '@tradewind/mysql';
import type { ServiceContext, ServiceParts } from '@tradewind/nest';
import { AskBack } from '@tradewind/tcc';
import { systemClock } from '@tradewind/time';
import { AccountRow } from './account.row.ts';
import { askOrders } from './ask/ask-orders.ts';
import type { PaymentConfig } from './config.ts';
import { DepositController } from './deposit/deposit.controller.ts';
import { DepositMoney } from './deposit/deposit-money.ts';
import { ResolveController } from './resolve/resolve.controller.ts';
import { ResolvePayment } from './resolve/resolve-payment.ts';
import { TryController } from './try/try.controller.ts';
import { TryPayment } from './try/try-payment.ts';
import { ViewWallet } from './wallet/view-wallet.ts';
import { WalletController } from './wallet/wallet.controller.ts';

/** How long a start waits for etcd and for the shards' servers, each, before it gives up, ms. */
const START_MS = 60_000;

/** The wiring of the payment service, in the order in which it is built and, backwards, taken down. */
export async function buildPayment(config: PaymentConfig, { log, metrics }: ServiceContext): Promise<ServiceParts> {
  const clock = systemClock;
  const etcd = connectEtcd({ endpoints: config.ETCD_ENDPOINTS, log });
  const cacheFile = join(config.STATE_DIR, 'map-payments.json');
  const router = await watchShardMap('payments', { etcd, cacheFile, startMs: START_MS });
  const shards = await Shards.open(config.PAYMENT_SHARDS, router, { entities: [AccountRow], withinMs: START_MS, log });
  // Not waited for: without etcd nothing can be minted, but all that orders need goes on.
  const lease = new EtcdWorkerLease({ etcd, pool: 'payments', log });
  const ids = new SnowflakeIds({ lease, clock });
  const orders = new ServiceClient('order', config.ORDER_URL, config.INTERNAL_TOKEN);

  const resolvePayment = new ResolvePayment({ shards, clock, log });
  const askBack = new AskBack(askOrders({ shards, orders, resolvePayment, log }), { log, metrics });

  return {
    controllers: [TryController, ResolveController, WalletController, DepositController],
    providers: [
      { provide: TryPayment, useValue: new TryPayment({ shards, clock, log }) },
      { provide: ResolvePayment, useValue: resolvePayment },
      { provide: ViewWallet, useValue: new ViewWallet(shards) },
      { provide: DepositMoney, useValue: new DepositMoney({ shards, ids, clock }) },
    ],
    readiness: {
      needed: { shards: () => shards.ping() },
      wanted: { ...shards.pings(), ids: async () => lease.isHeld(), order: () => orders.ping() },
    },
    start: () => askBack.start(),
    stop: async () => {
      await askBack.stop();
      await Promise.allSettled([orders.close()]);
      // Gives up the worker id and the watches, so that a successor need not wait for the lease to run out.
      await etcd.close();
      await shards.close();
    },
  };
}
