import { parseShardUrls } from '@tradewind/mysql';
import { listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const schema = {
  ...serviceEnv,
  INVENTORY_SHARDS: z.string().transform((text, context) => {
    try {
      return parseShardUrls(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }),
  ETCD_ENDPOINTS: listEnv,
  KAFKA_BROKERS: listEnv,
  ORDER_URL: z.url(),
};

export type InventoryConfig = Readonly<z.output<z.ZodObject<typeof schema>>>;

export function inventoryConfig(env: NodeJS.ProcessEnv = process.env): InventoryConfig {
  return readConfig(schema, env);
}
