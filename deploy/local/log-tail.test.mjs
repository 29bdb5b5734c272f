import { existsSync, statSync, truncateSync, writeFileSync, closeSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { excerpt, logTail, openLog } from './log-tail.mjs';
import { temporaryFolder } from './temporary-folder.testing.mjs';

const newFile = () => path.join(temporaryFolder(), 'log');
const numbered = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('');

describe('the end of a log', () => {
  it('is twenty lines at most, and none from an earlier run', () => {
    const file = newFile();
    writeFileSync(file, 'earlier\n');
    const { fd, startByte } = openLog(file);
    writeFileSync(fd, numbered(3));
    closeSync(fd);
    expect(logTail(file, startByte)).toBe('line 1\nline 2\nline 3');
    writeFileSync(file, numbered(5000));
    expect(logTail(file).split('\n')).toEqual(numbered(5000).trim().split('\n').slice(-20));
  });

  it('is empty when there is no log', () => {
    expect(logTail('/nowhere/log')).toBe('');
  });

  it('begins in a new file once the old one is too big', () => {
    const file = newFile();
    writeFileSync(file, '');
    truncateSync(file, 64 * 1024 * 1024);
    const { fd, startByte } = openLog(file);
    closeSync(fd);
    expect(startByte).toBe(0);
    expect(statSync(file).size).toBe(0);
    expect(existsSync(`${file}.1`)).toBe(true);
  });
});

describe('the excerpt of what a command printed', () => {
  it('keeps the beginning and the end', () => {
    const lines = excerpt(numbered(100)).split('\n');
    expect(lines[0]).toBe('line 1');
    expect(lines.at(-1)).toBe('line 100');
    expect(lines).toHaveLength(21);
    expect(excerpt(numbered(20)).split('\n')).toHaveLength(20);
  });
});
