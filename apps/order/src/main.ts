import { runService } from '@tradewind/nest';
import { buildOrderService } from './build.ts';
import { orderConfig } from './config.ts';

/** Batches of internal calls are larger than one order. */
const BODY_BYTES_MOST = 4 * 1024 * 1024;

await runService('order', { config: orderConfig, build: buildOrderService, bodyBytesMost: BODY_BYTES_MOST });
