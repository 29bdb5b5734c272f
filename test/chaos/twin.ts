import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startServices } from '../../deploy/local/services.mjs';
import { SERVICES, type System, type SystemOptions } from '../journeys/system.ts';
import type { Hand } from './faults.ts';

export interface Twin {
  readonly url: string;
  readonly order: Omit<Hand, 'weight'>;
  stop(): Promise<void>;
}

/** A second storefront and a second order process behind it, on the same shards: nothing that either remembers may matter. */
export async function startTwin({ env, dataDir }: System, onDeath: SystemOptions['onDeath']): Promise<Twin> {
  const dir = join(dataDir, 'twin');
  mkdirSync(dir, { recursive: true });
  const portOf = (name: string): number => Number(new URL(env[`${name.toUpperCase()}_URL`] ?? '').port);
  const ports = Object.fromEntries(SERVICES.map((name) => [name, portOf(name)]));
  const servers = { ...env, DB_A_URL: databaseUrl(env, 0), DB_B_URL: databaseUrl(env, 1) };
  const started = await startServices({
    ...{ env: servers, dataDir: dir, names: ['order', 'storefront'] },
    ...{ ports: { ...ports, order: 0, storefront: 0 }, caller: { PATH: process.env['PATH'], ...env } },
    onDeath: ({ name, message }) => onDeath?.({ name: `second ${name}`, message }),
  });
  const order = started.service('order');
  return {
    url: started.service('storefront').url,
    order: { kill: () => order.kill(), start: () => order.start(), signal: (signal) => order.kill(signal) },
    stop: started.stop,
  };
}

/** The server of a shard, without its schema. */
function databaseUrl(env: Readonly<Record<string, string>>, shard: 0 | 1): string {
  const first = (env['ORDER_SHARDS'] ?? '').split(',')[shard] ?? '';
  return first.replace(/^[^=]*=/, '').replace(/\/[^/]*$/, '');
}
