import { runService } from '@tradewind/nest';
import { buildInventory } from './build.ts';
import { inventoryConfig } from './config.ts';

/** A full batch: 500 orders of 100 lines at 60 bytes. */
const BODY_BYTES_MOST = 4 * 1024 * 1024;

await runService('inventory', { config: inventoryConfig, build: buildInventory, bodyBytesMost: BODY_BYTES_MOST });
