import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTerminal, liveLine } from './terminal.mjs';

/** @param {{ isTTY: boolean, env?: Record<string, string> }} how @param {(progress: import('./terminal.mjs').Progress) => void} use */
function shown({ isTTY, env = {} }, use) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const progress = createTerminal({ stream, env });
  use(progress);
  progress.close();
  return String(stream.read() ?? '');
}

describe('progress', () => {
  const oneStep = (/** @type {import('./terminal.mjs').Progress} */ progress) => {
    const step = progress.step('kafka');
    step.note('halfway');
    step.done('127.0.0.1:9092');
  };

  it.each([
    ['a pipe', { isTTY: false }],
    ['a terminal with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }],
    ['CI', { isTTY: true, env: { CI: 'true' } }],
  ])('on %s is one plain line for each event', (_, how) => {
    const text = shown(how, oneStep);
    expect(text).toMatch(/^kafka: starting\nkafka: 127\.0\.0\.1:9092 \(\d+\.\d s\)\n$/);
    expect(text).not.toContain('\u001b');
  });

  it('on a terminal leaves one line for a step and no half of a rewritten one', () => {
    const text = shown({ isTTY: true }, oneStep);
    expect(text).toContain('✓');
    expect(text.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('says nothing twice when a step ends twice', () => {
    const text = shown({ isTTY: true }, (progress) => {
      const step = progress.step('a');
      step.fail();
      step.done();
    });
    expect(text).not.toContain('✓');
  });

  it('never lets the live line wrap', () => {
    const steps = Array.from({ length: 9 }, (_, i) => ({ name: `server-${i}`, text: 'starting', began: 0 }));
    expect(liveLine(steps, 40).length).toBeLessThan(40);
  });
});
