import { defineConfig } from 'vitest/config';

/** One configuration for every project: sources are resolved through the `tradewind-source` condition, never through dist. */
export default defineConfig({
  resolve: { conditions: ['tradewind-source'] },
  ssr: { resolve: { conditions: ['tradewind-source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['apps/**/*.test.ts', 'libs/**/*.test.ts', 'deploy/**/*.test.mjs', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
