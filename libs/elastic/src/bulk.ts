import type { Client, estypes } from '@elastic/elasticsearch';
import type { Log } from '@tradewind/telemetry';
import { translateWrite } from './failures.ts';
import type { ElasticLimits } from './limits.ts';

/** One version of one document. */
export interface BulkDoc {
  readonly id: string;
  /** The aggregate's version: the index keeps the highest that it has seen. */
  readonly version: number;
  /** An object, or JSON text that goes in as it is. */
  readonly body: object | string;
}

export interface BulkFailure {
  readonly id: string;
  readonly version: number;
  readonly status: number;
  readonly type: string;
  readonly reason: string;
  /** The same document may go in later (the server was full); otherwise it never will. */
  readonly retriable: boolean;
}

export interface BulkResult {
  readonly indexed: number;
  /** The index had this version or a newer one already: a success. */
  readonly stale: number;
  readonly failed: readonly BulkFailure[];
}

interface Context {
  readonly client: Client;
  readonly limits: ElasticLimits;
  readonly log: Log;
}

/** `version_type: external`: lower or equal versions are answered with 409 and change nothing. */
const CONFLICT = 409;

/**
 * Writes documents behind `alias`, each only if it is newer than what the index has. May be repeated freely, in any order: that is what
 * external versions are for, and why this call is the only write that is sent again after a broken connection.
 */
export async function bulkIndex(context: Context, alias: string, docs: readonly BulkDoc[]): Promise<BulkResult> {
  let [indexed, stale] = [0, 0];
  const failed: BulkFailure[] = [];
  for (const chunk of chunks(docs, context.limits)) {
    const items = await send(context, alias, chunk);
    for (const [index, { doc }] of chunk.entries()) {
      const item = items[index];
      const status = item?.status ?? 0;
      if (status === CONFLICT) stale += 1;
      else if (status >= 200 && status < 300) indexed += 1;
      else failed.push(failureOf(doc, item));
    }
  }
  return { indexed, stale, failed };
}

interface Serialized {
  readonly doc: BulkDoc;
  readonly text: string;
}

function* chunks(docs: readonly BulkDoc[], limits: ElasticLimits): Generator<Serialized[]> {
  let chunk: Serialized[] = [];
  let bytes = 0;
  for (const doc of docs) {
    const text = typeof doc.body === 'string' ? doc.body : JSON.stringify(doc.body);
    const size = Buffer.byteLength(text);
    if (chunk.length > 0 && (chunk.length === limits.bulkDocsMost || bytes + size > limits.bulkBytesMost)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push({ doc, text });
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

async function send(
  { client, limits }: Context,
  alias: string,
  chunk: readonly Serialized[],
): Promise<readonly (estypes.BulkResponseItem | undefined)[]> {
  const operations = chunk.flatMap(({ doc: { id, version }, text }) => [
    JSON.stringify({ index: { _id: id, version, version_type: 'external' } }),
    text,
  ]);
  try {
    const response = await client.bulk(
      // require_alias: without it, a missing alias would become an index of that name with guessed mappings.
      { index: alias, require_alias: true, operations, filter_path: ['items.*.status', 'items.*.error'] },
      { requestTimeout: limits.bulkMs, maxRetries: limits.retriesMost },
    );
    return response.items.map((item) => item.index);
  } catch (error) {
    throw translateWrite(error, `indexing ${chunk.length} documents into ${alias}`);
  }
}

function failureOf({ id, version }: BulkDoc, item: estypes.BulkResponseItem | undefined): BulkFailure {
  const status = item?.status ?? 0;
  const type = item?.error?.type ?? 'no_answer';
  const cause = item?.error?.caused_by?.reason;
  const reason = [item?.error?.reason ?? 'the server gave no result', ...(cause ? [cause] : [])].join(': ');
  return { id, version, status, type, reason, retriable: status === 0 || status === 429 || status >= 500 };
}
