export { connectEtcd, EtcdConnection, type EtcdOptions } from './connection.ts';
export { Duty, type DutyOptions, holdDuty } from './duty.ts';
export { ShardMapStore } from './shard-map-store.ts';
export { WatchedRouter, watchShardMap, type WatchShardMapOptions } from './watch-shard-map.ts';
export { EtcdWorkerLease, leaseWorker, type WorkerLeaseLimits, type WorkerLeaseOptions } from './worker-lease.ts';
