import { parseShardUrls } from '@tradewind/mysql';
import { envOf, listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const schema = {
  ...serviceEnv,
  ORDER_SHARDS: envOf(parseShardUrls),
  ETCD_ENDPOINTS: listEnv,
  KAFKA_BROKERS: listEnv,
  INVENTORY_URL: z.url(),
  PAYMENT_URL: z.url(),
  /** How long an order waits for its payment, in seconds. */
  ORDER_PAYMENT_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
};

export type OrderConfig = Readonly<z.output<z.ZodObject<typeof schema>>>;

export function orderConfig(env = process.env): OrderConfig {
  return readConfig(schema, env);
}
