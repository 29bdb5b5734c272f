import { setTimeout as sleep } from 'node:timers/promises';
import { SnowflakeIds } from '@tradewind/ids';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { connectEtcd } from './connection.ts';
import { leaseWorker } from './worker-lease.ts';

/** Prints ids, one a line, until it is killed: the process that a test pauses. Arguments: endpoint, prefix. */
const [endpoint = '', prefix = ''] = process.argv.slice(2);
const etcd = connectEtcd({ endpoints: endpoint, prefix, log: silentLog });
const ids = new SnowflakeIds({
  lease: await leaseWorker({ etcd, pool: 'orders', limits: { ttlSeconds: 2 } }),
  clock: systemClock,
});
for (;;) {
  try {
    console.log(await ids.mint(1));
  } catch {
    // No lease: nothing to print.
  }
  await sleep(5);
}
