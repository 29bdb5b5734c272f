import { orderEventData, ORDERS_TOPIC, type OrderEventData } from '@tradewind/contracts';
import type { IndexedTopic } from '../indexer.ts';
import type { SearchIndex } from '../search-index.ts';
import { orderDocument } from './order-index.ts';

/** How order events become documents. The group's name is final: its offsets say what was indexed. */
export function orderTopic(index: SearchIndex): IndexedTopic<OrderEventData> {
  return {
    topic: ORDERS_TOPIC,
    groupId: 'search-orders',
    index,
    // Schemas only grow: a field that this build doesn't know yet is left out, it poisons nothing.
    schema: orderEventData.strip(),
    document: (order) => ({ id: order.orderId, version: order.version, body: orderDocument(order) }),
  };
}
