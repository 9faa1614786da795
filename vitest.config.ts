import { defineConfig } from 'vitest/config';

interface ProjectOptions {
  readonly timeoutMs?: number;
  /** Files of one project one after the other: they load a model or open a browser. */
  readonly serial?: boolean;
  /** Runs before the first test. */
  readonly setup?: string;
}

function project(name: string, folders: readonly string[], options: ProjectOptions = {}) {
  const { timeoutMs = 20_000, serial = false, setup } = options;
  return {
    test: {
      name,
      include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
      // Crashes of native code must not take the runner with them.
      pool: 'forks' as const,
      fileParallelism: !serial,
      ...(setup === undefined ? {} : { globalSetup: setup }),
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
    },
  };
}

const packageSetup = './test/ui/harness/packageSetup.ts';

export default defineConfig({
  test: {
    maxWorkers: 2,
    retry: 0,
    projects: [
      project('unit', [
        'base',
        'cache',
        'client',
        'extension',
        'media',
        'model-file',
        'models',
        'project',
        'protocol',
        'scripts',
        'syntax',
      ]),
      project('native', ['native'], { timeoutMs: 60_000, serial: true }),
      project('engine', ['engine', 'broker', 'bench', 'servers'], {
        timeoutMs: 120_000,
        serial: true,
      }),
      project('demo', ['demo'], { timeoutMs: 300_000, serial: true }),
      project('ui', ['ui'], { timeoutMs: 180_000, serial: true, setup: packageSetup }),
      project('vsix', ['vsix'], { timeoutMs: 300_000, serial: true, setup: packageSetup }),
    ],
  },
});
