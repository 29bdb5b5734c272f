// @ts-check
/** One Elasticsearch node, run by the small starter in ../elasticsearch/src. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { elasticsearchHome } from '../jars.mjs';
import { httpAnswers } from '../probe.mjs';
import { HOST } from './server-plan.mjs';

/** Memory outside the heap for network buffers, in MiB. */
const DIRECT_MEMORY_MIB = 128;

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @returns {import('./server-plan.mjs').ServerPlan}
 */
export function planElasticsearch(context) {
  const { ports, programs } = context;
  const address = `http://${HOST}:${ports['elasticsearch']}`;
  return {
    prepare: async () => prepareHome(context),
    command: programs.java ?? 'java',
    args: javaArgs(context),
    ready: () =>
      httpAnswers(`${address}/_cluster/health?wait_for_status=yellow&timeout=1s`, (body) =>
        /"status":"(yellow|green)"/.test(body),
      ),
    address,
  };
}

/** @param {import('./server-plan.mjs').ServerContext} context */
function javaArgs({ dir, memory }) {
  const built = elasticsearchHome();
  return [
    `-Xms${memory.elasticsearchHeap}m`,
    `-Xmx${memory.elasticsearchHeap}m`,
    '-XX:+UseSerialGC',
    `-XX:MaxDirectMemorySize=${DIRECT_MEMORY_MIB}m`,
    `-Djava.io.tmpdir=${path.join(dir, 'tmp')}`,
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dio.netty.recycler.maxCapacityPerThread=0',
    '-Dio.netty.allocator.numDirectArenas=0',
    '-Dlog4j2.disable.jmx=true',
    '-Dlog4j2.formatMsgNoLookups=true',
    '--module-path',
    path.join(built, 'lib'),
    '--add-modules=jdk.net,jdk.management.agent,ALL-MODULE-PATH',
    '-cp',
    path.join(built, 'classes'),
    'io.tradewind.local.EsNode',
    dir,
  ];
}

/** @param {import('./server-plan.mjs').ServerContext} context */
function prepareHome({ dir, ports }) {
  for (const folder of ['config', 'data', 'logs', 'tmp', 'plugins'])
    mkdirSync(path.join(dir, folder), { recursive: true, mode: 0o700 });
  const modules = path.join(dir, 'modules');
  rmSync(modules, { force: true });
  symlinkSync(path.join(elasticsearchHome(), 'modules'), modules);
  writeFileSync(path.join(dir, 'config/elasticsearch.yml'), settings(dir, ports));
  writeFileSync(path.join(dir, 'config/log4j2.properties'), LOGGING);
}

/** JSON strings are YAML strings. @param {string} dir @param {Readonly<Record<string, number>>} ports */
function settings(dir, ports) {
  const all = {
    'cluster.name': 'tradewind',
    'node.name': 'local',
    'path.data': path.join(dir, 'data'),
    'path.logs': path.join(dir, 'logs'),
    'network.host': HOST,
    'http.port': ports['elasticsearch'],
    'transport.port': ports['elasticsearch.transport'],
    'discovery.type': 'single-node',
    // a developer's disk is often nearly full, and a shard that is not allocated helps nobody
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'action.destructive_requires_name': false,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
