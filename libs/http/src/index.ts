export { successOf } from './batch-result.ts';
export { ServiceClient } from './service-client.ts';
