import { describe, expect, it } from 'vitest';
import { SERVER_NAMES } from './addresses.mjs';
import { neededPrograms } from './install.mjs';

const CACHED = { kafka: true, elasticsearch: true };

describe('the programs that are needed', () => {
  it('are no Maven and no compiler once the jars are built', () => {
    expect(neededPrograms(SERVER_NAMES, {}, CACHED)).toEqual([
      'mariadbd',
      'mariadb-install-db',
      'etcd',
      'redis-server',
      'java',
    ]);
    expect(neededPrograms(['kafka'], {}, { ...CACHED, kafka: false })).toEqual(['java', 'javac', 'mvn', 'unzip']);
  });

  it('are no MariaDB when MYSQLD names a server', () => {
    expect(neededPrograms(['db-a'], { MYSQLD: '/opt/mysqld' }, CACHED)).toEqual([]);
  });

  it('are none when every server is given', () => {
    expect(neededPrograms([], {}, { kafka: false, elasticsearch: false })).toEqual([]);
  });
});
