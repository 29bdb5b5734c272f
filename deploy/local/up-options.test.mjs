import { describe, expect, it } from 'vitest';
import { DEFAULT_DATA_DIR, parseUpOptions } from './up-options.mjs';

describe('the command line of up', () => {
  it('is the whole system on yesterday’s data unless told', () => {
    expect(parseUpOptions([])).toEqual({ fresh: false, serversOnly: false, dataDir: DEFAULT_DATA_DIR });
  });

  it('takes each option', () => {
    const options = parseUpOptions(['--fresh', '--servers-only', '--data', '/x', '--port-storefront', '9000']);
    expect(options).toEqual({ fresh: true, serversOnly: true, dataDir: '/x', portStorefront: 9000 });
  });

  it.each([
    ['--port-storefront', '0'],
    ['--port-storefront', '80x'],
    ['--port-storefront', '70000'],
    ['--frsh'],
    ['extra'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseUpOptions(args)).toThrow(/usage|must be 1 to 65535/);
  });
});
