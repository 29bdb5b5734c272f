import { parseShardUrls } from '@tradewind/mysql';
import { listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const schema = {
  ...serviceEnv,
  PAYMENT_SHARDS: z.string().transform((text, context) => {
    try {
      return parseShardUrls(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }),
  ETCD_ENDPOINTS: listEnv,
  ORDER_URL: z.url(),
};

export type PaymentConfig = Readonly<z.output<z.ZodObject<typeof schema>>>;

export function paymentConfig(env: NodeJS.ProcessEnv = process.env): PaymentConfig {
  return readConfig(schema, env);
}
