export { ServiceClient } from './service-client.ts';
