import { connectElastic } from '@tradewind/elastic';
import { connectKafka } from '@tradewind/kafka';
import type { ServiceContext, ServiceParts } from '@tradewind/nest';
import { Loop, systemClock } from '@tradewind/time';
import type { SearchConfig } from './config.ts';
import { Consuming } from './consuming.ts';
import { ORDER_FIELDS, ORDERS_ALIAS } from './orders/order-index.ts';
import { orderTopic } from './orders/order-indexer.ts';
import { OrderSearch, OrderSearchController } from './orders/order-search.ts';
import { PRODUCT_FIELDS, PRODUCTS_ALIAS } from './products/product-index.ts';
import { productTopic } from './products/product-indexer.ts';
import { ProductSearch, ProductSearchController } from './products/product-search.ts';
import { SearchIndex } from './search-index.ts';
import { PIT_KEEP_SECONDS, SEARCH_DEADLINE_MS, SearchPages } from './search-pages.ts';

/** Pause between attempts to make the indices at the start, while Elasticsearch is away; once they are there it costs nothing. */
const ENSURE_EVERY_MS = 2_000;
/** A killed indexer's partitions go to its successor after this long: with Kafka's own default of 45 s the index would stand still as long. */
const SESSION = { sessionMs: 6_000, heartbeatMs: 1_500 };

/** The whole service: Kafka -> indexer -> Elasticsearch -> search. Nothing here connects, so it starts whoever is away. */
export async function build(config: SearchConfig, { log, metrics }: ServiceContext): Promise<ServiceParts> {
  const clock = systemClock;
  const url = config.ELASTICSEARCH_URL;
  // A batch that fails comes again from Kafka, after pauses that grow: the driver's own pauses of seconds would only hold up a stop.
  const forWrites = connectElastic({ url, log, limits: { retriesMost: 0 } });
  const forReads = connectElastic({
    ...{ url, log },
    limits: { searchMs: SEARCH_DEADLINE_MS, retriesMost: 1, pitKeepSeconds: PIT_KEEP_SECONDS },
  });
  const kafka = connectKafka({
    ...{ brokers: config.KAFKA_BROKERS, clientId: 'tradewind-search', log, metrics },
    limits: SESSION,
  });

  const spread = { shards: config.SEARCH_INDEX_SHARDS, replicas: config.SEARCH_INDEX_REPLICAS };
  const writing = { elastic: forWrites, metrics, clock };
  const orders = new SearchIndex({ name: 'orders', alias: ORDERS_ALIAS, fields: ORDER_FIELDS, spread }, writing);
  const products = new SearchIndex(
    { name: 'products', alias: PRODUCTS_ALIAS, fields: PRODUCT_FIELDS, spread },
    writing,
  );
  const context = { kafka, log, metrics, clock };
  const consuming = [new Consuming(orderTopic(orders), context), new Consuming(productTopic(products), context)];
  const ensuring = new Loop(
    ENSURE_EVERY_MS,
    () => Promise.all([orders.ensure(), products.ensure()]).then(() => {}),
    (error) => log.warn({ err: error }, 'the indices could not be made yet'),
  );

  const pages = new SearchPages(forReads, clock);
  return {
    controllers: [OrderSearchController, ProductSearchController],
    providers: [
      { provide: OrderSearch, useValue: new OrderSearch(pages, orders.alias) },
      { provide: ProductSearch, useValue: new ProductSearch(pages, products.alias) },
    ],
    readiness: {
      needed: { elasticsearch: () => forReads.ping() },
      wanted: { kafka: () => kafka.ping() },
    },
    start: () => {
      ensuring.start();
      for (const each of consuming) each.start();
    },
    stop: async () => {
      await Promise.all([ensuring.stop(), ...consuming.map((each) => each.stop())]);
      await Promise.all([kafka.close(), forWrites.close(), forReads.close()]);
    },
  };
}
