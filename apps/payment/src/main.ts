import { runService } from '@tradewind/nest';
import { buildPayment } from './build.ts';
import { paymentConfig } from './config.ts';

/** A full batch of 500 attempts takes a tenth of it. */
const BODY_BYTES_MOST = 4 * 1024 * 1024;

await runService('payment', { config: paymentConfig, build: buildPayment, bodyBytesMost: BODY_BYTES_MOST });
