import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@tradewind/telemetry';
import { connectEtcd, type EtcdConnection, type EtcdOptions } from './connection.ts';

/** For the tests of this lib: a real etcd, a wire that can be cut, and a log that can be read. */
export interface RealEtcd {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** The server at `ETCD_ENDPOINTS`, or one of our own on a free port with a directory of its own. */
export async function realEtcd(): Promise<RealEtcd> {
  const given = process.env['ETCD_ENDPOINTS']?.split(',')[0];
  if (given) return { endpoint: given, stop: () => Promise.resolve() };
  const dir = await mkdtemp(join(tmpdir(), 'tradewind-etcd-'));
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`) as [
    string,
    string,
  ];
  const args = ['--data-dir', dir, '--listen-client-urls', client, '--advertise-client-urls', client];
  args.push('--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`);
  const server = spawn('etcd', [...args, '--log-level', 'error'], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await ended(server);
    await rm(dir, { recursive: true, force: true });
  };
  await untilHealthy(client);
  return { endpoint: client, stop };
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  await new Promise((resolve) => server.once('exit', resolve).kill('SIGKILL'));
}

async function untilHealthy(endpoint: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const isHealthy = await fetch(`${endpoint}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isHealthy) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`etcd at ${endpoint} did not start`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** A wire to a server that can be `cut` (connections are reset, new ones refused) or made `mute` (bytes vanish, as behind a pulled cable). */
export class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #muted = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;
  #isMute = false;
  endpoint = '';

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      if (this.#isCut) return near.destroy();
      if (this.#isMute) this.#muted.add(near);
      const far = connect(Number(target.port), target.hostname);
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        this.#sockets.add(from);
        from.on('data', (bytes) => this.#muted.has(near) || to.write(bytes));
        from.on('error', () => {}).on('close', () => (to.destroy(), this.#sockets.delete(from)));
      }
    });
  }

  static async to(endpoint: string): Promise<Wire> {
    const wire = new Wire(new URL(endpoint));
    wire.endpoint = `http://127.0.0.1:${await listen(wire.#server)}`;
    return wire;
  }

  cut(): void {
    this.#isCut = true;
    this.#drop();
  }

  mute(): void {
    this.#isMute = true;
    for (const socket of this.#sockets) this.#muted.add(socket);
  }

  /** Connections that were made before stay mute. */
  unmuteNew(): void {
    this.#isMute = false;
  }

  /** Muted connections have lost bytes and are reset. */
  heal(): void {
    for (const socket of this.#muted) socket.destroy();
    this.#isCut = this.#isMute = false;
  }

  close(): void {
    this.#drop();
    this.#server.close();
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A log that is kept, a line each: level, message, fields. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A connection with keys of its own, however many tests share the server. */
export function testConnection(endpoint: string, options: Partial<EtcdOptions> = {}): EtcdConnection {
  return connectEtcd({
    endpoints: endpoint,
    log: memoryLog(),
    prefix: `/test-${randomUUID()}`,
    callMs: 1_000,
    ...options,
  });
}

/** Waits until `claim` is true; throws with `what` after `mostMs`. */
export async function until(what: string, claim: () => boolean, mostMs = 10_000): Promise<void> {
  const start = performance.now();
  while (!claim()) {
    if (performance.now() - start > mostMs) throw new Error(`not within ${mostMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
