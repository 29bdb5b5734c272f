import { backoffMs } from '@tradewind/time';
import type { EtcdConnection } from './connection.ts';
import { defer } from './deferred.ts';

/** A hint comes at least this often, since a silent stream proves nothing. */
const QUIET_MS = 30_000;
const RETRY = { firstMs: 50, mostMs: 1_000 };

/**
 * Calls `onHint` whenever a key may have changed: after each (re)connection, each event, and every 30 s besides. The listener reads the key.
 *
 * Intuition: the watch is a doorbell, not the mail. Since each ring makes the listener read the whole value, an event that was lost
 * over a compaction or an outage costs nothing; and as the watch always starts at "now", compaction can't refuse it. etcd3's own watcher
 * resumes at a revision, dies for good when that is compacted, and never answers when it is created while etcd is away.
 *
 * @returns stops it.
 */
export function watchKey(etcd: EtcdConnection, key: string, onHint: () => void): () => void {
  const stopped = new AbortController();
  const quiet = setInterval(onHint, QUIET_MS);
  quiet.unref();
  const stop = (): void => {
    clearInterval(quiet);
    stopped.abort();
    forget();
  };
  const forget = etcd.onClose(stop);
  void keepWatching(etcd, key, onHint, stopped.signal);
  return stop;
}

async function keepWatching(
  etcd: EtcdConnection,
  key: string,
  onHint: () => void,
  stopped: AbortSignal,
): Promise<void> {
  for (let attempt = 1; !stopped.aborted; attempt++) {
    try {
      await watchOnce(etcd, key, stopped, () => {
        attempt = 0;
        onHint();
      });
    } catch (error) {
      if (!stopped.aborted) etcd.log.debug({ key, reason: String(error) }, 'etcd watch lost, watching anew');
    }
    await etcd.clock.sleep(backoffMs(Math.max(1, attempt), RETRY), stopped).catch(() => {});
  }
}

/** One stream, from its opening to its end. Hints once when the server has confirmed it: what changed before is found by that read. */
async function watchOnce(etcd: EtcdConnection, key: string, stopped: AbortSignal, onHint: () => void): Promise<void> {
  const stream = await etcd.client.watchClient.watch();
  const ended = defer<void>();
  const giveUp = (): void => ended.reject(new Error('watch stopped or not confirmed in time'));
  const unconfirmed = setTimeout(giveUp, etcd.callMs);
  stopped.addEventListener('abort', giveUp, { once: true });
  try {
    stream.on('error', (error: Error) => ended.reject(error));
    stream.on('end', () => ended.reject(new Error('watch stream ended')));
    stream.on('data', (answer) => {
      clearTimeout(unconfirmed);
      if (answer.canceled) ended.reject(new Error(answer.cancel_reason || `compacted at ${answer.compact_revision}`));
      else if (answer.created || answer.events.length > 0) onHint();
    });
    if (stopped.aborted) giveUp();
    else stream.write({ create_request: { key: Buffer.from(key) } });
    await ended.promise;
  } finally {
    clearTimeout(unconfirmed);
    stopped.removeEventListener('abort', giveUp);
    // Ended before cancelled: etcd3 takes the error of a cancelled, writable stream for a failed host and drops its other calls.
    stream.end();
    stream.cancel();
  }
}
