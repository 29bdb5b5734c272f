// @ts-check
/**
 * node deploy/local/complete-lock.mjs
 *
 * Completes package-lock.json after `npm install`. A registry mirror may not serve the binaries of other platforms; npm then leaves those optional
 * packages out of the lock file, and `npm ci` refuses it everywhere. This adds what is missing from the ranges that are pinned exactly, with the
 * platform that the name tells, so that it is never fetched where it does not fit. Run it again and it changes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
/** Words of a package's name, and what they say about the platform it is for. */
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = {
  arm64: 'arm64',
  arm: 'arm',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
};
const LIBRARIES = { musl: 'musl', gnu: 'glibc', musleabihf: 'musl', gnueabihf: 'glibc' };

/** @param {string} name @returns {{ os: string[], cpu: string[], libc?: string[] } | undefined} */
export function platformOf(name) {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = Object.entries(PROCESSORS).find(([word]) => words.includes(word))?.[1];
  const libc = Object.entries(LIBRARIES).find(([word]) => words.includes(word))?.[1];
  if (os === undefined || cpu === undefined) return undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== undefined && { libc: [libc] }) };
}

/**
 * @param {{ packages: Record<string, any> }} lock changed in place
 * @returns {string[]} the names of what was added
 */
export function completeLock(lock) {
  const added = [];
  for (const [at, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === undefined || !/^\d/.test(version) || isThere(lock.packages, at, name)) continue;
      lock.packages[`node_modules/${name}`] = { version, ...platform, optional: true, ...(entry.dev && { dev: true }) };
      added.push(name);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return added;
}

/** Node's resolution: in the package's own node_modules, then in each one above. @param {Record<string, any>} packages @param {string} from @param {string} name */
function isThere(packages, from, name) {
  const parts = from === '' ? [] : from.split('/node_modules/');
  for (let depth = parts.length; depth >= 0; depth--) {
    const above = parts.slice(0, depth).join('/node_modules/');
    if (packages[above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`] !== undefined) return true;
  }
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(FILE, 'utf8'));
  const added = completeLock(lock);
  if (added.length > 0) writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? 'The lock file is complete.' : `Added ${added.length}: ${added.join(', ')}`);
}
