import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { everyAppStarts } from './app-starts.mjs';

/** @type {string[]} */
const made = [];
afterEach(() => made.splice(0).forEach((dir) => rmSync(dir, { recursive: true })));

/** @param {Record<string, string>} files under dist/ of the one app */
function appOf(files) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tradewind-app-'));
  made.push(dir);
  const dist = path.join(dir, 'apps/shop/dist');
  mkdirSync(dist, { recursive: true });
  writeFileSync(path.join(dir, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dist, name), text);
  return everyAppStarts(process.execPath, dir);
}

const answer = "console.error('shop: the environment is not complete:\\n  HTTP_PORT: missing'); process.exit(2);";

describe('the start of a built app', () => {
  it('is right when it names what it misses and ends', async () => {
    expect(await appOf({ 'main.js': answer })).toEqual(['shop']);
  });

  it('is wrong when two of its modules need each other at load', async () => {
    const cycle = {
      'main.js': `import { A } from './a.js'; new A(); ${answer}`,
      'a.js': "import { B } from './b.js'; export class A extends B {}",
      'b.js': "import { A } from './a.js'; export class B {} export const made = [A];",
    };
    await expect(appOf(cycle)).rejects.toThrow(
      /apps\/shop.*ended with 1[\s\S]*Cannot access 'A' before initialization/,
    );
  });

  it('is wrong when it starts without being told anything', async () => {
    await expect(appOf({ 'main.js': "console.log('listening');" })).rejects.toThrow('ended with 0');
  });

  it('is wrong when it ends with the right code and a crash', async () => {
    await expect(
      appOf({
        'main.js':
          "process.on('exit', () => (process.exitCode = 2)); throw new Error('the environment is not complete:\\n');",
      }),
    ).rejects.toThrow('ended with');
  });

  it('is wrong when it was not built', async () => {
    await expect(appOf({})).rejects.toThrow('apps/shop');
  });
});
