import { email, password } from '@tradewind/contracts';
import { parseShardUrls } from '@tradewind/mysql';
import { envOf, listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

/** As many bytes as the digest of HMAC-SHA-256 has (RFC 7518, section 3.2). */
const secret = z.string().min(32);
const url = z.url({ protocol: /^https?$/ });

const shape = {
  ...serviceEnv,
  ORDER_URL: url,
  INVENTORY_URL: url,
  PAYMENT_URL: url,
  SEARCH_URL: url,
  STOREFRONT_SHARDS: envOf(parseShardUrls),
  ETCD_ENDPOINTS: listEnv,
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  JWT_SECRET: secret,
  CURSOR_SECRET: secret,
  STAFF_EMAIL: email.default('staff@tradewind.example'),
  STAFF_PASSWORD: password,
};

export type Config = z.output<z.ZodObject<typeof shape>>;

export const config = (): Config => readConfig(shape);
