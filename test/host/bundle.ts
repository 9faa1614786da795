import { readdirSync, rmSync } from 'node:fs';
import * as esbuild from 'esbuild';
import { inRoot } from '../../scripts/lib/paths.ts';

/** Where the bundled tests lie: in the repository, so that `mocha` is found. */
const folder = inRoot('build', 'host-tests');

/** Bundles the suites for the extension host, which loads CommonJS; returns the path of the module to run. */
export async function bundleHostTests(): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const suites = readdirSync(inRoot('test/host/suite')).filter((name) => name.endsWith('.test.ts'));
  await esbuild.build({
    entryPoints: [
      { in: inRoot('test/host/index.ts'), out: 'index' },
      ...suites.map((name) => ({
        in: inRoot('test/host/suite', name),
        out: `suite/${name.replace(/\.ts$/, '')}`,
      })),
    ],
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return `${folder}/index.cjs`;
}
