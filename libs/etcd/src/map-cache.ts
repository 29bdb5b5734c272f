import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeShardMap, encodeShardMap, type MapName, type ShardMap, type Strategy } from '@tradewind/sharding';

/** A process's own copy of the map, from which it starts while etcd is away. */
export async function readCachedMap(
  file: string,
  expected: { name: MapName; strategy: Strategy },
): Promise<ShardMap | undefined> {
  try {
    return decodeShardMap(await readFile(file, 'utf8'), expected);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written aside, flushed and renamed: a crash leaves the old copy or the new one, never half of one. */
export async function writeCachedMap(file: string, map: ShardMap): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.new`;
  const handle = await open(aside, 'w');
  try {
    await handle.writeFile(encodeShardMap(map));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, file);
}
