import type { AuditedOrder, AuditSources, IndexedOrder } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** What staff find is what there is. */
export const indexIsTrue: Invariant = {
  id: 'I9',
  says: 'search: Elasticsearch has the same orders as the shards, with the same versions and fields',
  check: async (sources, findings) => {
    // The index before the orders: a document without its order is then a fault for certain.
    for await (const ids of sources.index.ids()) await checkDocuments(ids, sources, findings);
    for await (const orders of sources.orders.all()) {
      const real = orders.filter(({ status }) => status !== 'VOID');
      const documents = await sources.index.byId(real.map((order) => order.orderId));
      for (const order of real) checkOrder(order, documents.get(order.orderId), findings);
    }
  },
};

async function checkDocuments(ids: readonly string[], { orders }: AuditSources, findings: Findings): Promise<void> {
  const found = await orders.byId(ids);
  for (const id of ids) {
    findings.checked();
    const order = found.get(id);
    if (order === undefined || order.status === 'VOID')
      findings.offence(`order ${id}`, 'no-order', 'the index has a document of an order that is not there');
  }
}

function checkOrder(order: AuditedOrder, document: IndexedOrder | undefined, findings: Findings): void {
  const key = `order ${order.orderId}`;
  findings.checked();
  if (document === undefined) {
    findings.offence(key, 'missing', `version ${order.version} has no document`);
    return;
  }
  if (document.externalVersion !== order.version)
    findings.offence(key, 'version', `the document is version ${document.externalVersion}, the order ${order.version}`);
  for (const [field, wanted] of Object.entries(expectedFields(order))) {
    const found = canonical(document.fields[field]);
    if (found !== canonical(wanted))
      findings.offence(key, field, `the document has ${found}, the order ${canonical(wanted)}`);
  }
}

/** The document that an order ought to have: the search service's own shape, spelled out a second time on purpose. */
function expectedFields(order: AuditedOrder): Record<string, unknown> {
  const { orderId, userId, status, version, currency, total, createdAt, updatedAt, items } = order;
  return {
    ...{ orderId, userId, status, version, currency },
    orderKey: orderId.padStart(19, '0'),
    productIds: [...new Set(items.map((item) => item.productId))],
    names: [...new Set(items.map((item) => item.name))],
    total: Number(total),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** Lists are sets here: the index does not keep their order for anybody. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted(byText).join(', ')}]`;
  return JSON.stringify(value) ?? 'nothing';
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
