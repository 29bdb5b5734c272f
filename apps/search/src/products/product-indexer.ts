import { PRODUCTS_TOPIC, productEventData, type ProductEventData } from '@tradewind/contracts';
import type { IndexedTopic } from '../indexer.ts';
import type { SearchIndex } from '../search-index.ts';
import { productDocument } from './product-index.ts';

/** How product events become documents. The group's name is final: its offsets say what was indexed. */
export function productTopic(index: SearchIndex): IndexedTopic<ProductEventData> {
  return {
    topic: PRODUCTS_TOPIC,
    groupId: 'search-products',
    index,
    // Schemas only grow: a field that this build doesn't know yet is left out, it poisons nothing.
    schema: productEventData.strip(),
    document: (product) => ({ id: product.productId, version: product.version, body: productDocument(product) }),
  };
}
