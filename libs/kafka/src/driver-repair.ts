import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 re-arms a timer of 1 ms on every connection for as long as it lives, with nothing to check, and Node 24 warns about its negative delay
 * (tulios/kafkajs#1751, open). With an empty queue there is nothing to schedule: a request that is queued later arms the timer itself.
 */
export function repairRequestQueue(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const original = prototype.scheduleCheckPendingRequests;
  if (repaired.has(prototype)) return;
  repaired.add(prototype);
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) original.call(this);
  };
}

const repaired = new WeakSet<object>();
