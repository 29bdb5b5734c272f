import { parseShardUrls } from '@tradewind/mysql';
import { envOf, listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const schema = {
  ...serviceEnv,
  PAYMENT_SHARDS: envOf(parseShardUrls),
  ETCD_ENDPOINTS: listEnv,
  ORDER_URL: z.url(),
};

export type PaymentConfig = Readonly<z.output<z.ZodObject<typeof schema>>>;

export function paymentConfig(env: NodeJS.ProcessEnv = process.env): PaymentConfig {
  return readConfig(schema, env);
}
