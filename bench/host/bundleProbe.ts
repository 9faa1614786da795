/** The probe and what it watches, as the extension host can load them. */
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { inRoot } from '../../scripts/lib/paths.ts';

/** In the repository, so that what they require is found. */
const folder = inRoot('build', 'host-bench');

/** Paths of the bundles. */
export async function bundleProbe(): Promise<{ readonly probe: string; readonly drive: string }> {
  await esbuild.build({
    entryPoints: { probe: inRoot('bench/host/probe.ts'), drive: inRoot('bench/host/drive.ts') },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    ...{ platform: 'node', format: 'cjs', target: 'node20' },
    external: ['vscode'],
    logLevel: 'warning',
  });
  return { probe: join(folder, 'probe.cjs'), drive: join(folder, 'drive.cjs') };
}
