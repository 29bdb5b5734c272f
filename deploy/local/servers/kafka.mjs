// @ts-check
/** One Kafka broker that is its own controller (KRaft). */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runLogged } from '../command.mjs';
import { STAGE } from '../guard.mjs';
import { kafkaHome } from '../jars.mjs';
import { kafkaListsBroker } from '../probe.mjs';
import { bareEnv } from '../programs.mjs';
import { HOST } from './server-plan.mjs';

/** Memory outside the heap for network buffers, in MiB. */
const DIRECT_MEMORY_MIB = 96;
/** Heap of the storage tool, which writes a few small files, in MiB. */
const FORMAT_HEAP_MIB = 96;

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @returns {import('./server-plan.mjs').ServerPlan}
 */
export function planKafka(context) {
  const { dir, ports, programs, memory } = context;
  const port = ports['kafka'] ?? 0;
  return {
    prepare: () => prepareData(context),
    command: programs.java ?? 'java',
    args: [
      '-Xms64m',
      `-Xmx${memory.kafkaHeap}m`,
      '-XX:+UseSerialGC',
      `-XX:MaxDirectMemorySize=${DIRECT_MEMORY_MIB}m`,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
      '-cp',
      classPath(),
      'kafka.Kafka',
      path.join(dir, 'server.properties'),
    ],
    ready: () => kafkaListsBroker(port),
    address: `${HOST}:${port}`,
  };
}

function classPath() {
  return path.join(kafkaHome(), 'lib', '*');
}

/** @param {import('./server-plan.mjs').ServerContext} context */
async function prepareData(context) {
  const { dir } = context;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(dir, 'server.properties'), properties(context));
  const formatted = path.join(dir, 'formatted');
  if (existsSync(formatted)) return;
  rmSync(path.join(dir, 'logs'), { recursive: true, force: true }); // of a start that was interrupted
  await format(context);
  writeFileSync(formatted, '');
}

/** @param {import('./server-plan.mjs').ServerContext} context */
function format({ dir, household, programs }) {
  const jvm = [`-Xmx${FORMAT_HEAP_MIB}m`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath()];
  return runLogged({
    what: 'Formatting the data directory of kafka',
    command: programs.java ?? 'java',
    args: [...jvm, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', path.join(dir, 'server.properties')],
    env: bareEnv(),
    logFile: household.logFile('kafka'),
    pidFile: household.pidFile(STAGE.server, 'kafka-format'),
  });
}

/** Kafka's ids are 16 bytes in base64url; one that begins with "-" would read as an option. */
function clusterId() {
  return `A${randomBytes(16).toString('base64url').slice(1)}`;
}

/**
 * One node, so nothing has copies. Threads are few because cores are; a killed broker may come back after 2 s instead
 * of 9, and a killed consumer's partitions may move after 2 s instead of 6.
 *
 * @param {import('./server-plan.mjs').ServerContext} context
 */
function properties({ dir, ports }) {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${HOST}:${ports['kafka.controller']}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${HOST}:${ports['kafka']},CONTROLLER://${HOST}:${ports['kafka.controller']}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${ports['kafka']}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(dir, 'logs'),
    'auto.create.topics.enable': false,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 2000,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
