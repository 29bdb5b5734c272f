// @ts-check
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { httpAnswers } from '../probe.mjs';
import { HOST } from './server-plan.mjs';

/** Largest store, in bytes: the shard map and the leases are kilobytes; this only bounds the memory-mapped file. */
const BACKEND_BYTES_MAX = 256 * 1024 * 1024;
/** Revisions kept for watchers that come back: more than any of them misses in an hour. */
const REVISIONS_KEPT = 10_000;

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @returns {import('./server-plan.mjs').ServerPlan}
 */
export function planEtcd({ dir, ports, programs }) {
  const address = `http://${HOST}:${ports['etcd']}`;
  const peer = `http://${HOST}:${ports['etcd.peer']}`;
  return {
    prepare: async () => void mkdirSync(dir, { recursive: true, mode: 0o700 }),
    command: programs.etcd ?? 'etcd',
    args: [
      '--name=local',
      `--data-dir=${path.join(dir, 'data')}`,
      `--listen-client-urls=${address}`,
      `--advertise-client-urls=${address}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=local=${peer}`,
      `--quota-backend-bytes=${BACKEND_BYTES_MAX}`,
      '--auto-compaction-mode=revision',
      `--auto-compaction-retention=${REVISIONS_KEPT}`,
      '--logger=zap',
      '--log-level=warn',
    ],
    ready: () => httpAnswers(`${address}/health`, (body) => body.includes('"true"')),
    address,
  };
}
