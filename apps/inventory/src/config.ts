import { parseShardUrls } from '@tradewind/mysql';
import { envOf, listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const schema = {
  ...serviceEnv,
  INVENTORY_SHARDS: envOf(parseShardUrls),
  ETCD_ENDPOINTS: listEnv,
  KAFKA_BROKERS: listEnv,
  ORDER_URL: z.url(),
};

export type InventoryConfig = Readonly<z.output<z.ZodObject<typeof schema>>>;

export function inventoryConfig(env: NodeJS.ProcessEnv = process.env): InventoryConfig {
  return readConfig(schema, env);
}
