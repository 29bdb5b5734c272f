// @ts-check
import { mkdirSync } from 'node:fs';
import { redisPongs } from '../probe.mjs';
import { HOST } from './server-plan.mjs';

/** Most memory for keys, in MiB. Past it, keys that have an expiry go first, the least used ones. */
const MEMORY_MIB = 128;

/**
 * Nothing is true only because Redis says so: a second's loss after a crash (appendfsync everysec) costs warm caches.
 *
 * @param {import('./server-plan.mjs').ServerContext} context
 * @returns {import('./server-plan.mjs').ServerPlan}
 */
export function planRedis({ dir, ports, programs }) {
  const port = ports['redis'] ?? 0;
  return {
    prepare: async () => void mkdirSync(dir, { recursive: true, mode: 0o700 }),
    command: programs['redis-server'] ?? 'redis-server',
    args: [
      ...['--bind', HOST, '--port', String(port), '--dir', dir],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
      ...['--maxmemory', `${MEMORY_MIB}mb`, '--maxmemory-policy', 'volatile-lru'],
      ...['--daemonize', 'no', '--loglevel', 'notice'],
    ],
    ready: () => redisPongs(port),
    address: `redis://${HOST}:${port}`,
  };
}
