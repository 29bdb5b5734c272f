import { runService } from '@tradewind/nest';
import { build } from './build.ts';
import { readSearchConfig } from './config.ts';

/** A search request is a handful of filters and a mark. */
const BODY_BYTES_MOST = 64 * 1024;

await runService('search', { config: () => readSearchConfig(), build, bodyBytesMost: BODY_BYTES_MOST });
