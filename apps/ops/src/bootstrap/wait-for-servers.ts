import { connect } from 'node:net';
import { systemClock } from '@tradewind/time';
import { CommandFailure } from '../failure.ts';

/** How long a server may take to start. */
const START_MS_MOST = 60_000;
const PAUSE_MS = 200;
const CONNECT_MS = 2_000;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** @param text an URL or host:port */
export function addressOf(text: string, defaultPort: number): Address {
  const url = new URL(text.includes('://') ? text : `tcp://${text}`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || defaultPort };
}

/**
 * Resolves when every address takes connections. That alone does not say that the server is ready: the steps behind it repeat what meets
 * a server which is not.
 * @throws CommandFailure naming those that did not within a minute
 */
export async function waitForServers(addresses: readonly Address[], mostMs = START_MS_MOST): Promise<number> {
  const distinct = new Map(addresses.map((address) => [`${address.host}:${address.port}`, address]));
  const deadline = systemClock.elapsed() + mostMs;
  const answers = await Promise.all([...distinct.values()].map((address) => answersBefore(deadline, address)));
  const silent = [...distinct.keys()].filter((_, index) => !answers[index]);
  if (silent.length > 0) throw new CommandFailure(`nothing answers at ${silent.join(', ')} within ${mostMs / 1000} s`);
  return distinct.size;
}

async function answersBefore(deadline: number, address: Address): Promise<boolean> {
  while (!(await accepts(address))) {
    if (systemClock.elapsed() > deadline) return false;
    await systemClock.sleep(PAUSE_MS);
  }
  return true;
}

function accepts({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
