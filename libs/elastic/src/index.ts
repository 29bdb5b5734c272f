export type { BulkDoc, BulkFailure, BulkResult } from './bulk.ts';
export { connectElastic, type Elastic, type ElasticOptions } from './elastic.ts';
export type { IndexDefinition } from './index-definition.ts';
export { ELASTIC_LIMITS, type ElasticLimits } from './limits.ts';
export type { Hit, Page, PageQuery, ScanOptions, SortValue } from './search.ts';
