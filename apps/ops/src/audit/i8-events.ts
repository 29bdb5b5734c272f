import type { AuditSources, EventVersions } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** Every change was told to the world, in order. */
export const eventsArrived: Invariant = {
  id: 'I8',
  says: 'events: the outbox is empty; every version of every order reached Kafka, each first time in order',
  check: async (sources, findings) => {
    for await (const rows of sources.orders.outbox()) {
      for (const { shard, aggregateId, version, parkedReason } of rows) {
        const why = parkedReason === null ? 'not sent yet' : `parked: ${parkedReason}`;
        findings.offence(`event ${aggregateId}:${version}`, 'outbox', `${why} (${shard})`);
      }
    }
    // The topic before the orders: an event without its order is then a fault for certain.
    const versions = await sources.events.versions(() => findings.checked());
    try {
      for await (const orders of sources.orders.all()) {
        const seen = versions.of(orders.map((order) => order.orderId));
        for (const { orderId, version } of orders) checkVersions(orderId, version, seen.get(orderId) ?? [], findings);
      }
      await checkOrphans(versions, sources, findings);
    } finally {
      versions.close();
    }
  },
};

function checkVersions(orderId: string, version: number, seen: readonly number[], findings: Findings): void {
  const key = `order ${orderId}`;
  findings.checked();
  const missing = Array.from({ length: version }, (_, index) => index + 1).filter((each) => !seen.includes(each));
  if (missing.length > 0)
    findings.offence(key, 'missing', `version ${missing.join(', ')} of ${version} did not reach Kafka`);
  if (seen.some((each, index) => index > 0 && each < seen[index - 1]!))
    findings.offence(key, 'order', `the versions reached Kafka as ${seen.join(', ')}`);
  const early = seen.filter((each) => each > version);
  if (early.length > 0)
    findings.offence(key, 'unknown', `Kafka has version ${early.join(', ')}, the order is at ${version}`);
}

async function checkOrphans(versions: EventVersions, { orders }: AuditSources, findings: Findings): Promise<void> {
  for (const ids of versions.orderIds()) {
    const found = await orders.byId(ids);
    for (const id of ids)
      if (!found.has(id)) findings.offence(`order ${id}`, 'no-order', 'Kafka has events of an order that is not there');
  }
}
