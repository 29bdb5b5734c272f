import { join } from 'node:path';
import { ORDERS_TOPIC } from '@tradewind/contracts';
import { connectEtcd, type Duty, holdDuty, leaseWorker, watchShardMap } from '@tradewind/etcd';
import { ServiceClient } from '@tradewind/http';
import { SnowflakeIds } from '@tradewind/ids';
import { connectKafka } from '@tradewind/kafka';
import { createOutboxStore, type Shard, Shards } from '@tradewind/mysql';
import type { ServiceContext, ServiceParts } from '@tradewind/nest';
import { Relay } from '@tradewind/outbox';
import { Resolver } from '@tradewind/tcc';
import { type Clock, systemClock } from '@tradewind/time';
import { aftermath, type ShardWork } from './aftermath.ts';
import { CancelController } from './cancel/cancel.controller.ts';
import type { OrderConfig } from './config.ts';
import { DecideController } from './decide/decide.controller.ts';
import { Decisions } from './decide/decisions.ts';
import { ExpireOrders } from './expire/expire-orders.ts';
import { OrderActions } from './order-actions.ts';
import { OrderReads } from './order.reads.ts';
import { OrderItemRow, OrderLogRow, OrderRow } from './order.row.ts';
import { PayController } from './pay/pay.controller.ts';
import { PayOrder } from './pay/pay-order.ts';
import { PlaceController } from './place/place.controller.ts';
import { PlaceOrder } from './place/place-order.ts';
import { resolutionPorts } from './resolve/resolutions.ts';
import { ShipController } from './ship/ship.controller.ts';
import { ViewController } from './view/view.controller.ts';

/** How long a start waits for the shards' servers. */
const OPEN_MS = 30_000;

/** The wiring of the order service: everything it is made of, in the order in which it is built and, backwards, taken down. */
export async function buildOrderService(config: OrderConfig, { log, metrics }: ServiceContext): Promise<ServiceParts> {
  const clock = systemClock;
  const etcd = connectEtcd({ endpoints: config.ETCD_ENDPOINTS, log });
  const router = await watchShardMap('orders', { etcd, cacheFile: join(config.STATE_DIR, 'map-orders.json') });
  const shards = await Shards.open(config.ORDER_SHARDS, router, {
    entities: [OrderRow, OrderItemRow, OrderLogRow],
    withinMs: OPEN_MS,
    log,
  });
  const lease = await leaseWorker({ etcd, pool: 'orders' });
  const ids = new SnowflakeIds({ lease, clock });
  await ids.ready();
  const kafka = connectKafka({ brokers: config.KAFKA_BROKERS, clientId: 'order', log, metrics });
  const inventory = new ServiceClient('inventory', config.INVENTORY_URL, config.INTERNAL_TOKEN);
  const payment = new ServiceClient('payment', config.PAYMENT_URL, config.INTERNAL_TOKEN);

  const works = new Map<string, ShardWork>();
  const reads = new OrderReads(shards);
  const actions = new OrderActions(shards, reads, aftermath(shards, works), clock);
  const background = shards.all().map((shard) => {
    const duty = holdDuty({ etcd, name: `orders/${shard.name}` });
    const sender = kafka.sender({ topic: ORDERS_TOPIC, source: '/tradewind/order' });
    return shardWork(shard, {
      duty,
      sender,
      shards,
      actions,
      participants: { inventory, payment },
      clock,
      log,
      metrics,
    });
  });
  for (const work of background) works.set(work.shard.name, work);

  const paymentWaitMs = config.ORDER_PAYMENT_TIMEOUT_SECONDS * 1000;
  return {
    controllers: [PlaceController, PayController, CancelController, ShipController, ViewController, DecideController],
    providers: [
      { provide: OrderActions, useValue: actions },
      { provide: PlaceOrder, useValue: new PlaceOrder({ actions, ids, inventory, clock, log, paymentWaitMs }) },
      { provide: PayOrder, useValue: new PayOrder({ actions, payment, clock, log }) },
      { provide: Decisions, useValue: new Decisions({ shards, clock, log }) },
    ],
    readiness: {
      needed: { shards: () => shards.ping() },
      wanted: {
        ...shards.pings(),
        ids: async () => lease.isHeld(),
        inventory: () => inventory.ping(),
        payment: () => payment.ping(),
        kafka: () => kafka.ping(),
      },
    },
    start: () => {
      for (const work of background) work.start();
    },
    stop: async () => {
      await Promise.all(background.map((work) => work.stop()));
      await Promise.allSettled([kafka.close(), inventory.close(), payment.close()]);
      await etcd.close();
      await shards.close();
    },
  };
}

interface WorkParts extends ServiceContext {
  readonly duty: Duty;
  readonly sender: ConstructorParameters<typeof Relay>[0]['sender'];
  readonly shards: Shards;
  readonly actions: OrderActions;
  readonly participants: { inventory: ServiceClient; payment: ServiceClient };
  readonly clock: Clock;
}

/** The background work of one shard, all under one duty: the relay, the resolver's sweep and the timeouts. */
function shardWork(shard: Shard, { duty, sender, shards, actions, participants, clock, log, metrics }: WorkParts) {
  const relay = new Relay({
    shard: shard.name,
    store: createOutboxStore(shard),
    sender,
    duty,
    clock,
    log,
    metrics,
  });
  const resolver = new Resolver(resolutionPorts(shard, shards, participants, duty), { log, metrics, clock });
  const expiry = new ExpireOrders(shard, actions, duty, { log, metrics, clock });
  return {
    shard,
    relay,
    resolver,
    start: () => {
      relay.start();
      resolver.start();
      expiry.start();
    },
    /** Timeouts first: what they decide is still resolved and relayed. */
    stop: async () => {
      await expiry.stop();
      await resolver.stop();
      await relay.stop();
    },
  };
}
