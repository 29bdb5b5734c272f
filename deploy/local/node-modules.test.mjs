import { describe, expect, it } from 'vitest';
import { agrees } from './node-modules.mjs';

const LOCK = {
  packages: {
    '': { version: '1' },
    'libs/time': { version: '1' },
    'node_modules/@tradewind/time': { resolved: 'libs/time', link: true },
    'node_modules/zod': { version: '4.0.0', integrity: 'sha512-z' },
    'node_modules/node-darwin': { version: '24.0.0', integrity: 'sha512-d', optional: true },
  },
};
const { 'node_modules/node-darwin': _, '': __, ...PRESENT } = LOCK.packages;

describe('what is installed agrees with the lock file', () => {
  it('without the optional packages of other platforms', () => {
    expect(agrees(LOCK, { packages: PRESENT })).toBe(true);
  });

  it.each([
    ['a package is missing', { 'node_modules/@tradewind/time': PRESENT['node_modules/@tradewind/time'] }],
    ['a version differs', { ...PRESENT, 'node_modules/zod': { version: '4.0.1', integrity: 'sha512-z' } }],
    ['a content differs', { ...PRESENT, 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-other' } }],
    ['there is one too many', { ...PRESENT, 'node_modules/left': { version: '1.0.0' } }],
    ['a workspace is no link', { ...PRESENT, 'node_modules/@tradewind/time': { resolved: 'libs/time' } }],
  ])('not when %s', (_case, packages) => {
    expect(agrees(LOCK, { packages })).toBe(false);
  });
});
