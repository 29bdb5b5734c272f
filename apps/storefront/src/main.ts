import { runService } from '@tradewind/nest';
import { build } from './build.ts';
import { config } from './config.ts';

/** A hundred lines of an order with a long address have some 8 KiB; a product's description at its longest, in four-byte text, 20 KiB. */
const BODY_BYTES_MOST = 64 * 1024;

await runService('storefront', { config, build, bodyBytesMost: BODY_BYTES_MOST });
