import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSystem } from '../../deploy/local/system.mjs';
import { Shop } from '../wire/shop.ts';

export const SERVICES = ['storefront', 'order', 'inventory', 'payment', 'search'] as const;
export type ServiceName = (typeof SERVICES)[number];
export type ServerName = 'db-a' | 'db-b' | 'kafka' | 'elasticsearch' | 'etcd' | 'redis';

/** How long an order waits for its payment in the journeys, seconds: long enough to pay by hand, short enough to see it expire. */
const PAYMENT_TIMEOUT_SECONDS = 20;
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const STAFF_EMAIL = 'staff@tradewind.example';

export interface AuditReport {
  readonly exitCode: number;
  readonly output: string;
}

/** The whole system on servers of its own, as the demo starts it, with a hand on each process. */
export interface System {
  readonly url: string;
  readonly nobody: Shop;
  readonly staff: Shop;
  readonly paymentTimeoutMs: number;
  /** Of every service and of the operator's commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Orders that a client was told of; the auditor asks for each. */
  readonly acknowledged: Set<string>;
  /** kill -9 */
  killService(name: ServiceName): Promise<void>;
  startService(name: ServiceName): Promise<void>;
  killServer(name: ServerName): Promise<void>;
  startServer(name: ServerName): Promise<void>;
  /** A process that is stopped keeps its connections and answers nobody, until it goes on with whatever it was at. */
  signal(name: ServiceName | ServerName, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Runs the auditor. @param settleSeconds how long what is under way may take to end */
  audit(settleSeconds?: number): Promise<AuditReport>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly paymentTimeoutSeconds?: number;
  /** Told of each end that nobody asked for. */
  readonly onDeath?: (death: { readonly name: string; readonly message: string }) => void;
}

export async function startJourneySystem({
  paymentTimeoutSeconds = PAYMENT_TIMEOUT_SECONDS,
  onDeath = () => {},
}: SystemOptions = {}): Promise<System> {
  const dataDir = mkdtempSync(join(process.env['TRADEWIND_TEST_DATA'] ?? tmpdir(), 'journeys-'));
  const caller = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ORDER_PAYMENT_TIMEOUT_SECONDS: String(paymentTimeoutSeconds),
  };
  const ports = Object.fromEntries(SERVICES.map((name) => [name, 0]));
  const running = await startSystem({ dataDir, fresh: true, ports, caller, onDeath });
  const url = running.env['STOREFRONT_URL'] ?? '';
  const nobody = new Shop(url);
  const staff = await nobody.signIn(STAFF_EMAIL, running.env['STAFF_PASSWORD'] ?? '');
  const acknowledged = new Set<string>();
  return {
    ...{ url, nobody, staff, acknowledged, paymentTimeoutMs: paymentTimeoutSeconds * 1000 },
    ...{ env: running.env, dataDir },
    killService: async (name) => void (await running.service(name).kill('SIGKILL')),
    startService: async (name) => void (await running.service(name).start()),
    killServer: async (name) => void (await running.server(name).kill('SIGKILL')),
    startServer: async (name) => void (await running.server(name).start()),
    signal: (name, signal) => (isService(name) ? running.service(name) : running.server(name)).kill(signal),
    audit: (settleSeconds = 60) => audit(running.env, dataDir, acknowledged, settleSeconds),
    stop: async () => {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function isService(name: string): name is ServiceName {
  return SERVICES.some((each) => each === name);
}

async function audit(
  env: Record<string, string>,
  dataDir: string,
  acknowledged: Set<string>,
  settleSeconds: number,
): Promise<AuditReport> {
  const file = join(dataDir, 'acknowledged');
  writeFileSync(file, [...acknowledged].map((id) => `${id}\n`).join(''));
  const args = ['apps/ops/dist/main.js', 'audit', '--settle', String(settleSeconds), '--acknowledged', file];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, env: { ...process.env, ...env } });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  return { exitCode, output: Buffer.concat(parts).toString() };
}
