import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGE, openHousehold } from './guard.mjs';
import { parseStatLine, statLine, stillRunning } from './pid-file.mjs';
import { temporaryFolder } from './temporary-folder.testing.mjs';

/** For a busy machine. */
const PATIENCE = { timeout: 20_000 };
const HERE = import.meta.dirname;

/** A launcher of two children, that each write into `ended` when they get SIGTERM. The database is quick, the service slow. */
const LAUNCHER = `
  import { Child } from '${HERE}/child.mjs';
  import { openHousehold } from '${HERE}/guard.mjs';
  const dir = process.argv[1];
  const home = await openHousehold(dir);
  for (const [name, stage, delay] of [['service', 1, 0.3], ['database', 3, 0]]) {
    const script = \`trap 'sleep \${delay}; echo \${name} >>ended; exit' TERM; touch \${name}; while :; do sleep 0.05; done\`;
    const child = new Child({
      name, command: '/bin/sh', args: ['-c', script], env: process.env, cwd: dir,
      logFile: home.logFile(name), pidFile: home.pidFile(stage, name), ready: async () => true,
    });
    await child.start();
  }
  console.log('up');
`;

/** @param {string} dir @returns {Promise<import('node:child_process').ChildProcess>} once its children run */
async function launch(dir) {
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', LAUNCHER, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => launcher.stdout?.once('data', resolve));
  await expect
    .poll(() => existsSync(path.join(dir, 'service')) && existsSync(path.join(dir, 'database')), PATIENCE)
    .toBe(true);
  return launcher;
}

/** @param {string} dir */
const pidFiles = (dir) =>
  readdirSync(path.join(dir, 'run')).filter((name) => name.endsWith('.pid') && name !== 'launcher.pid');
/** @param {string} dir */
const readPids = (dir) => pidFiles(dir).map((name) => readFileSync(path.join(dir, 'run', name), 'utf8'));
/** @param {string} dir */
const ended = (dir) =>
  existsSync(path.join(dir, 'ended')) ? readFileSync(path.join(dir, 'ended'), 'utf8').split('\n').filter(Boolean) : [];

describe('the guard', () => {
  it('ends the children of a launcher that was killed, services first', async () => {
    const dir = temporaryFolder();
    const launcher = await launch(dir);
    launcher.kill('SIGKILL');
    await expect.poll(() => ended(dir), PATIENCE).toEqual(['service', 'database']);
    await expect.poll(() => pidFiles(dir), PATIENCE).toEqual([]);
  });

  it('lets one launcher into a directory; the next gets in once the children of a dead one have ended', async () => {
    const dir = temporaryFolder();
    const launcher = await launch(dir);
    await expect(openHousehold(dir)).rejects.toThrow(`is in use by another launcher (process ${launcher.pid})`);
    launcher.kill('SIGKILL');
    await new Promise((resolve) => launcher.once('exit', resolve));
    const household = await openHousehold(dir);
    expect(ended(dir)).toEqual(['service', 'database']);
    await household.close();
  });

  it('ends what a launcher left behind whose guard was killed with it', async () => {
    const dir = temporaryFolder();
    const launcher = await launch(dir);
    const left = readPids(dir);
    process.kill(await guardOf(dir), 'SIGKILL');
    launcher.kill('SIGKILL');
    await new Promise((resolve) => launcher.once('exit', resolve));
    expect(left.map(stillRunning)).not.toContain(undefined);
    const household = await openHousehold(dir);
    expect(left.map(stillRunning)).toEqual([undefined, undefined]);
    await household.close();
  });

  it('never signals another process that has the number of a dead child', async () => {
    const dir = temporaryFolder();
    mkdirSync(path.join(dir, 'run'));
    const stranger = spawn('/bin/sleep', ['30'], { detached: true });
    const line = statLine(stranger.pid ?? 0);
    const startTime = parseStatLine(line)?.startTime ?? '';
    writeFileSync(path.join(dir, 'run/1-order.pid'), line.replace(startTime, String(Number(startTime) - 1)));
    writeFileSync(path.join(dir, 'run/2-kafka.pid'), 'no stat line\n');
    const household = await openHousehold(dir);
    expect(stillRunning(line)).toBe(stranger.pid);
    expect(pidFiles(dir)).toEqual([]);
    await household.close();
    stranger.kill('SIGKILL');
  });

  it('stays while one of two holders in the same process does', async () => {
    const dir = temporaryFolder();
    const [first, second] = await Promise.all([openHousehold(dir), openHousehold(dir)]);
    expect(first).toBe(second);
    expect(first.pidFile(STAGE.database, 'db-a')).toBe(path.join(first.dir, 'run/3-db-a.pid'));
    await first.close();
    expect(await guardOf(dir)).toBeGreaterThan(0);
    await second.close();
    const again = await openHousehold(dir);
    await again.close();
  });
});

/** The process that runs guard.sh for a directory, found as the one whose arguments name it. @param {string} dir */
async function guardOf(dir) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args[1]?.endsWith('guard.sh') && args[2] === path.join(dir, 'run');
    } catch {
      return false;
    }
  });
  return Number(found);
}
