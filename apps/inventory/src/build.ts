import { join } from 'node:path';
import { PRODUCTS_TOPIC } from '@tradewind/contracts';
import { connectEtcd, type EtcdConnection, EtcdWorkerLease, holdDuty, watchShardMap } from '@tradewind/etcd';
import { ServiceClient } from '@tradewind/http';
import { SnowflakeIds } from '@tradewind/ids';
import { connectKafka, type KafkaConnection } from '@tradewind/kafka';
import { createOutboxStore, Shards } from '@tradewind/mysql';
import type { ServiceContext, ServiceParts } from '@tradewind/nest';
import { Relay } from '@tradewind/outbox';
import { AskBack } from '@tradewind/tcc';
import { systemClock } from '@tradewind/time';
import { askOrders } from './ask/ask-orders.ts';
import { CatalogueController } from './catalogue/catalogue.controller.ts';
import { ChangeProduct } from './catalogue/change-product.ts';
import { CreateProduct, type HandOver } from './catalogue/create-product.ts';
import { FindProducts } from './catalogue/find-products.ts';
import type { InventoryConfig } from './config.ts';
import { ProductRow } from './product.row.ts';
import { ReceiveController } from './receive/receive.controller.ts';
import { ReceiveStock } from './receive/receive-stock.ts';
import { ResolveController } from './resolve/resolve.controller.ts';
import { ResolveStock } from './resolve/resolve-stock.ts';
import { TryController } from './try/try.controller.ts';
import { TryStock } from './try/try-stock.ts';

/** How long a start waits for etcd and for the shards' servers, each, before it gives up, ms. */
const START_MS = 60_000;

/** The wiring of the inventory service, in the order in which it is built and, backwards, taken down. */
export async function buildInventory(config: InventoryConfig, context: ServiceContext): Promise<ServiceParts> {
  const { log, metrics } = context;
  const clock = systemClock;
  const etcd = connectEtcd({ endpoints: config.ETCD_ENDPOINTS, log });
  const cacheFile = join(config.STATE_DIR, 'map-products.json');
  const router = await watchShardMap('products', { etcd, cacheFile, startMs: START_MS });
  const shards = await Shards.open(config.INVENTORY_SHARDS, router, {
    entities: [ProductRow],
    withinMs: START_MS,
    log,
  });
  // Not waited for: without etcd nothing can be minted, but all that orders need goes on.
  const lease = new EtcdWorkerLease({ etcd, pool: 'products', log });
  const ids = new SnowflakeIds({ lease, clock });
  const kafka = connectKafka({ brokers: config.KAFKA_BROKERS, clientId: 'inventory', log, metrics });
  const orders = new ServiceClient('order', config.ORDER_URL, config.INTERNAL_TOKEN);

  const relays = buildRelays({ shards, etcd, kafka }, context);
  const handOver: HandOver = (shard, event) => relays.get(shard)?.handOver([event]);
  const catalogue = { shards, ids, clock, handOver };
  const resolveStock = new ResolveStock({ shards, clock, log });
  const askBack = new AskBack(askOrders({ shards, orders, resolveStock, log }), { log, metrics });

  return {
    controllers: [TryController, ResolveController, CatalogueController, ReceiveController],
    providers: [
      { provide: TryStock, useValue: new TryStock({ shards, clock, log }) },
      { provide: ResolveStock, useValue: resolveStock },
      { provide: CreateProduct, useValue: new CreateProduct(catalogue) },
      { provide: ChangeProduct, useValue: new ChangeProduct(catalogue) },
      { provide: FindProducts, useValue: new FindProducts(shards) },
      { provide: ReceiveStock, useValue: new ReceiveStock({ shards, ids, clock }) },
    ],
    readiness: {
      needed: { shards: () => shards.ping() },
      wanted: {
        ...shards.pings(),
        ids: async () => lease.isHeld(),
        kafka: () => kafka.ping(),
        order: () => orders.ping(),
      },
    },
    start: () => {
      for (const relay of relays.values()) relay.start();
      askBack.start();
    },
    stop: async () => {
      await askBack.stop();
      await Promise.all([...relays.values()].map((relay) => relay.stop()));
      await Promise.allSettled([kafka.close(), orders.close()]);
      // Gives up the duties, the worker id and the watches, so that a successor need not wait for their leases to run out.
      await etcd.close();
      await shards.close();
    },
  };
}

/** One relay a shard, each active in whichever process holds the shard's duty. */
function buildRelays(
  { shards, etcd, kafka }: { shards: Shards; etcd: EtcdConnection; kafka: KafkaConnection },
  { log, metrics }: ServiceContext,
): Map<string, Relay> {
  return new Map(
    shards.all().map((shard) => {
      const duty = holdDuty({ etcd, name: `relay/${shard.name}` });
      const sender = kafka.sender({ topic: PRODUCTS_TOPIC, source: '/tradewind/inventory' });
      const store = createOutboxStore(shard);
      return [shard.name, new Relay({ shard: shard.name, store, sender, duty, log, metrics })];
    }),
  );
}
