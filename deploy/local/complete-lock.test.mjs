// @ts-check
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeLock, platformOf } from './complete-lock.mjs';

test('the lock file of this repository names every optional package, so that npm ci takes it everywhere', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  expect(completeLock(lock)).toEqual([]);
});

test('an optional package that is missing is added with its platform; one that is nested, a range or of no platform is not', () => {
  const lock = {
    packages: {
      'node_modules/a': {
        dev: true,
        optionalDependencies: {
          'a-linux-x64-musl': '1.0.0',
          'a-win32-x64': '1.0.0',
          fsevents: '2.3.3',
          'a-darwin-x64': '^1.0.0',
        },
      },
      'node_modules/a/node_modules/a-win32-x64': { version: '1.0.0' },
    },
  };
  expect(completeLock(lock)).toEqual(['a-linux-x64-musl']);
  expect(lock.packages).toHaveProperty(['node_modules/a-linux-x64-musl'], {
    version: '1.0.0',
    os: ['linux'],
    cpu: ['x64'],
    libc: ['musl'],
    optional: true,
    dev: true,
  });
  expect(completeLock(lock)).toEqual([]);
});

test('the platform is read off the name', () => {
  expect(platformOf('@oxlint/binding-linux-arm-gnueabihf')).toEqual({ os: ['linux'], cpu: ['arm'], libc: ['glibc'] });
  expect(platformOf('left-pad')).toBeUndefined();
});
