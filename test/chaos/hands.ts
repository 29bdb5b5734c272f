import { SERVICES, type ServerName, type ServiceName, type System } from '../journeys/system.ts';
import type { Hand } from './faults.ts';
import type { Twin } from './twin.ts';

/** Most often those by which money and stock move, least those whose restart costs two cores half a minute. */
const SERVICE_WEIGHT: Readonly<Record<ServiceName, number>> = {
  ...{ order: 8, inventory: 6, payment: 6, storefront: 4, search: 1 },
};
const SERVER_WEIGHT: Readonly<Record<ServerName, number>> = {
  ...{ 'db-a': 4, 'db-b': 4, etcd: 2, redis: 1, kafka: 1, elasticsearch: 0.5 },
};
const TWIN_WEIGHT = 6;

/** Every process of the system, and the second order process if there is one. */
export function handsOn(system: System, twin: Twin | undefined): Record<string, Hand> {
  const servers = Object.keys(SERVER_WEIGHT) as ServerName[];
  return {
    ...Object.fromEntries(SERVICES.map((name) => [name, ofService(system, name)])),
    ...Object.fromEntries(servers.map((name) => [name, ofServer(system, name)])),
    ...(twin && { 'second order': { weight: TWIN_WEIGHT, ...twin.order } }),
  };
}

function ofService(system: System, name: ServiceName): Hand {
  return {
    weight: SERVICE_WEIGHT[name],
    kill: () => system.killService(name),
    start: () => system.startService(name),
    signal: (signal) => system.signal(name, signal),
  };
}

function ofServer(system: System, name: ServerName): Hand {
  return {
    weight: SERVER_WEIGHT[name],
    kill: () => system.killServer(name),
    start: () => system.startServer(name),
    signal: (signal) => system.signal(name, signal),
  };
}
