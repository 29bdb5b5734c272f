import { readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Child } from './child.mjs';
import { statLine, stillRunning } from './pid-file.mjs';
import { temporaryFolder } from './temporary-folder.testing.mjs';

/** For a busy machine. */
const PATIENCE = { timeout: 20_000 };

/** @type {Child[]} */
const children = [];
afterEach(() => Promise.all(children.splice(0).map((child) => child.stop(0))));

/** A child that runs a line of shell and is ready once it has written the file "ready". @param {string} script @param {Partial<import('./child.mjs').ChildPlan>} [more] */
function shell(script, more = {}) {
  const dir = temporaryFolder();
  const child = new Child({
    name: 'thing',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: dir,
    logFile: path.join(dir, 'log'),
    pidFile: path.join(dir, 'pid'),
    ready: async () => existsSync(path.join(dir, 'ready')),
    ...more,
  });
  children.push(child);
  return { child, dir };
}

const SERVE = 'echo hello; touch ready; while :; do sleep 0.05; done';

describe('a supervised child', () => {
  it('is up when it is ready, and its pid file names it from before its program began', async () => {
    const { child, dir } = shell('cat pid >pid-seen-by-itself; touch ready; while :; do sleep 0.05; done');
    await child.start();
    expect(stillRunning(readFileSync(path.join(dir, 'pid'), 'utf8'))).toBe(child.pid);
    expect(readFileSync(path.join(dir, 'pid-seen-by-itself'), 'utf8')).not.toBe('');
    await child.stop();
    expect(child.pid).toBeUndefined();
    expect(existsSync(path.join(dir, 'pid'))).toBe(false);
  });

  it('that ends while starting is an error at once, with what it said last and not what an earlier run said', async () => {
    const { child } = shell('echo "run $(cat count 2>/dev/null)"; echo 2 >count; exit 3');
    await expect(child.start()).rejects.toThrow(/^thing ended with code 3 while starting/);
    const second = await child.start().catch((/** @type {Error} */ error) => error.message);
    expect(second).toContain('run 2');
    expect(second).not.toMatch(/run $/m);
  });

  it('that is not ready in time is stopped', async () => {
    const { child } = shell('echo waiting; sleep 60', { readyDeadlineMs: 200 });
    await expect(child.start()).rejects.toThrow(/thing was not ready in time[^]*waiting/);
    expect(child.state).toBe('down');
  });

  it('whose program is missing says so', async () => {
    const { child } = shell('', { command: '/nowhere/server' });
    await expect(child.start()).rejects.toThrow(/nowhere\/server.*not found/);
  });

  it('is reported when it dies, and starts again', async () => {
    /** @type {string[]} */
    const deaths = [];
    const { child } = shell(SERVE, { onDeath: (death) => deaths.push(death.message) });
    await child.start();
    process.kill(child.pid ?? 0, 'SIGKILL');
    await expect.poll(() => deaths, PATIENCE).toHaveLength(1);
    expect(deaths[0]).toMatch(/^thing was ended by SIGKILL\.[^]*hello$/);
    await child.start();
    expect(child.state).toBe('up');
  });

  it('is not reported when its end was asked for', async () => {
    /** @type {string[]} */
    const deaths = [];
    const { child } = shell(SERVE, { onDeath: (death) => deaths.push(death.reason) });
    await child.start();
    await child.kill('SIGKILL');
    expect(child.state).toBe('down');
    await child.start();
    await child.stop();
    expect(deaths).toEqual([]);
  });

  it('that does not heed SIGTERM is killed after the grace, with its own children', async () => {
    const { child, dir } = shell(`trap '' TERM; sleep 300 & echo $! >grandchild; ${SERVE}`);
    await child.start();
    const grandchild = statLine(Number(readFileSync(path.join(dir, 'grandchild'), 'utf8')));
    expect(stillRunning(grandchild)).toBeDefined();
    const began = Date.now();
    await child.stop(300);
    expect(Date.now() - began).toBeGreaterThanOrEqual(290);
    await expect.poll(() => stillRunning(grandchild), PATIENCE).toBeUndefined();
  });

  it('that is stopped with SIGSTOP still ends by SIGTERM, without waiting for the grace', async () => {
    const { child } = shell(SERVE);
    await child.start();
    await child.kill('SIGSTOP');
    const began = Date.now();
    await child.stop(60_000);
    expect(Date.now() - began).toBeLessThan(30_000);
  });

  it('can be stopped while it starts, and then start fails', async () => {
    const { child } = shell('sleep 60');
    const starting = child.start().catch((/** @type {Error} */ error) => error.message);
    await expect.poll(() => child.pid, PATIENCE).toBeDefined();
    await child.stop();
    expect(await starting).toContain('was ended by SIGTERM while starting');
  });
});
