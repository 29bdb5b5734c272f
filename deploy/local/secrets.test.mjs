import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSecrets } from './secrets.mjs';
import { temporaryFolder } from './temporary-folder.testing.mjs';

describe('the secrets of a data directory', () => {
  it('are made once and only the owner can read them', () => {
    const dir = temporaryFolder();
    const first = readSecrets(dir, {});
    expect(readSecrets(dir, {})).toEqual(first);
    expect(statSync(path.join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
    expect(readSecrets(temporaryFolder(), {})).not.toEqual(first);
  });

  it('give way to the environment, which is not written down', () => {
    const dir = temporaryFolder();
    expect(readSecrets(dir, { STAFF_PASSWORD: 'given' }).STAFF_PASSWORD).toBe('given');
    expect(readFileSync(path.join(dir, 'secrets.json'), 'utf8')).not.toContain('given');
    expect(readSecrets(dir, { STAFF_PASSWORD: '' }).STAFF_PASSWORD).not.toBe('');
  });

  it('are never replaced because the file can’t be read: that would lock out yesterday’s data', () => {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'secrets.json'), '{"JWT_SECRET":');
    expect(() => readSecrets(dir, {})).toThrow('can’t be read'.replace('’', "'"));
  });
});
