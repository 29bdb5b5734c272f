import { describe, expect, it } from 'vitest';
import { parseStatLine, statLine, stillRunning } from './pid-file.mjs';

describe('the identity of a process', () => {
  it('is read past a name that holds spaces and brackets', () => {
    const fields = ['S', ...Array.from({ length: 18 }, (_, i) => String(i)), '987654', 'rest'];
    expect(parseStatLine(`42 (a) b (c) ${fields.join(' ')}`)).toEqual({ pid: 42, startTime: '987654', state: 'S' });
  });

  it.each(['', 'nonsense', '12 (cut off) S 1 2', '-1 (x) S'])('is none in %j', (line) => {
    expect(parseStatLine(line)).toBeUndefined();
  });

  it('is found again while the process runs', () => {
    expect(stillRunning(statLine(process.pid))).toBe(process.pid);
  });

  it('is not taken for a later process with the same number', () => {
    const earlier = statLine(process.pid).replace(parseStatLine(statLine(process.pid))?.startTime ?? '?', '1');
    expect(stillRunning(earlier)).toBeUndefined();
  });

  it('is not found when no process has the number', () => {
    const gone = statLine(process.pid).replace(/^\d+/, '4194305'); // above the largest pid of Linux
    expect(stillRunning(gone)).toBeUndefined();
  });
});
