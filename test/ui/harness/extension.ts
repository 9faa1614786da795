import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot } from '../../../scripts/lib/paths.ts';
import { runOrThrow } from '../../../scripts/lib/processes.ts';

export interface ExtensionParts {
  readonly manifest: { readonly name: string; readonly activationEvents: readonly string[] };
  /** Source of its CommonJS module. */
  readonly main: string;
}

/** Makes a small extension in a new folder; returns the path of its package. */
export async function makeExtension(
  folder: string,
  { manifest, main }: ExtensionParts,
): Promise<string> {
  mkdirSync(folder);
  const whole = {
    ...manifest,
    ...{ publisher: 'test', version: '1.0.0', main: './main.js' },
    engines: { vscode: '^1.104.0' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
  writeFileSync(join(folder, 'main.js'), main);
  const vsix = join(folder, 'extension.vsix');
  await runOrThrow(
    process.execPath,
    [
      inRoot('node_modules/@vscode/vsce/vsce'),
      ...['package', '--no-dependencies', '--allow-missing-repository', '--skip-license'],
      ...['--allow-star-activation', '--out', vsix],
    ],
    { cwd: folder },
  );
  return vsix;
}
