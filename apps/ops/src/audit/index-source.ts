import type { Elastic } from '@tradewind/elastic';
import { CommandFailure, sentenceOf } from '../failure.ts';
import type { IndexedOrder, IndexSource } from './audit-sources.ts';

const PAGE_DOCS = 1_000;
/** Sorts like the order's number and is unique. */
const SORT_FIELD = 'orderKey';

/** The documents behind `alias`. */
export function indexSource(elastic: Elastic, alias: string): IndexSource {
  return {
    async *ids() {
      let page: string[] = [];
      try {
        for await (const { id } of elastic.scanAll(alias, SORT_FIELD, { source: false, pageSize: PAGE_DOCS })) {
          if (page.push(id) < PAGE_DOCS) continue;
          yield page;
          page = [];
        }
      } catch (error) {
        throw new CommandFailure(`Elasticsearch's index ${alias} can't be read: ${sentenceOf(error)}`);
      }
      if (page.length > 0) yield page;
    },
    async byId(orderIds) {
      const found = new Map<string, IndexedOrder>();
      for (let start = 0; start < orderIds.length; start += PAGE_DOCS) {
        const ids = orderIds.slice(start, start + PAGE_DOCS);
        const { docs } = await elastic.client.mget<Record<string, unknown>>({ index: alias, ids });
        for (const doc of docs) {
          if ('error' in doc) throw new Error(`Elasticsearch: ${doc.error.reason ?? doc.error.type}`);
          if (!('found' in doc) || !doc.found) continue;
          found.set(doc._id, { id: doc._id, externalVersion: doc._version ?? 0, fields: doc._source ?? {} });
        }
      }
      return found;
    },
  };
}
