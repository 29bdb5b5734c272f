import type { KnipConfig } from 'knip';

/** Entries are what nothing imports: processes, commands, tests, and what a tool finds by its name. */
export default {
  // An export that its own file uses is at worst too public; one that nothing uses is dead.
  ignoreExportsUsedInFile: true,
  workspaces: {
    '.': {
      entry: ['deploy/local/{up,demo,ops,test,check,prerequisites}.mjs'],
      project: ['deploy/**/*.mjs', '*.config.ts'],
    },
    'apps/*': { entry: ['src/main.ts'], project: ['src/**/*.ts'] },
    'libs/*': { project: ['src/**/*.ts'] },
    test: { entry: ['{story,chaos}/main.ts'], project: ['**/*.ts'] },
  },
  // @nx/eslint-plugin carries the rule that @nx/oxlint brings into the lint.
  ignoreDependencies: ['@nx/eslint-plugin'],
  // Started by tests, and installed by the launcher.
  ignoreBinaries: ['etcd'],
} satisfies KnipConfig;
