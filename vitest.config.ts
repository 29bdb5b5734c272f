import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** What a test needs is in its suffix: `x.db.test.ts` needs the databases, `x.test.ts` needs nothing. */
const SERVER_KINDS = ['db', 'kafka', 'etcd', 'elastic', 'redis'];
const ROOTS = '{apps,libs,test,deploy}';
const NEVER = ['**/node_modules/**', '**/dist/**'];
const JOURNEYS = 'test/{journeys/*,chaos/chaos}.test.ts';

/**
 * Runs in the first group, with all others of it, two files at a time. The redundant-looking names are what
 * `vitest --project db` and `npm run test:mysql` select.
 */
function project(name: string, include: string[], exclude: string[]): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include, exclude: [...NEVER, ...exclude], sequence: { groupOrder: 0 } } };
}

/** Sources are resolved through the `tradewind-source` condition, never through dist. */
export default defineConfig({
  resolve: { conditions: ['tradewind-source'] },
  ssr: { resolve: { conditions: ['tradewind-source', 'node', 'development|production'] } },
  test: {
    // The cache of transformed modules does not notice a changed tsconfig: never trusted where the verdict counts.
    fsModuleCache: process.env['CI'] === undefined,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      project(
        'rule',
        [`${ROOTS}/**/*.test.ts`, `${ROOTS}/**/*.test.mjs`],
        [JOURNEYS, ...SERVER_KINDS.map((kind) => `**/*.${kind}.test.*`)],
      ),
      ...SERVER_KINDS.map((kind) => project(kind, [`${ROOTS}/**/*.${kind}.test.ts`], [JOURNEYS])),
      {
        extends: true,
        // Each file starts the whole system: after all others, and one at a time.
        test: {
          name: 'journeys',
          include: [JOURNEYS],
          exclude: NEVER,
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
