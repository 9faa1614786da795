import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { packagePath } from '../../scripts/package/package.ts';
import { Session } from '../ui/harness/session.ts';
import { editedFile } from '../ui/harness/workspace.ts';
import { listZip } from './zip.ts';

describe('the package', () => {
  const vsix = packagePath();
  let names: string[];
  beforeAll(() => {
    names = listZip(readFileSync(vsix));
  });

  it('is smaller than 100 MB', () => {
    expect(statSync(vsix).size).toBeLessThan(100e6);
  });

  it('holds what the extension runs', () => {
    for (const name of [
      'package.json',
      'package.nls.json',
      'l10n/bundle.l10n.json',
      'readme.md',
      'changelog.md',
      'LICENSE.txt',
      'dist/extension.cjs',
      'dist/engine.mjs',
      'dist/outlineWorker.mjs',
      'dist/native/warmfork.node',
      'dist/syntax/tree-sitter.cjs',
      'dist/syntax/tree-sitter-typescript.wasm',
      'dist/media/chat.js',
      'dist/media/chat.css',
      'dist/node_modules/node-llama-cpp/package.json',
      'models/stand-in.gguf',
    ]) {
      expect(names).toContain(`extension/${name}`);
    }
  });

  it('holds nothing else: no sources, maps, tests, environment files or CUDA libraries', () => {
    const ours = names.filter((name) => !name.includes('/node_modules/'));
    expect(
      ours.filter((name) => /\.(ts|map|mjs\.map)$|\/(src|test|scripts|native\/src)\//.test(name)),
    ).toEqual([]);
    expect(
      names.filter((name) => /\/\.env|cuda.*\.(so|dll|dylib)|\.bundle$|\.map$/i.test(name)),
    ).toEqual([]);
  });

  it('asks for nothing that was bundled', () => {
    const manifest = JSON.parse(readFileSync(inRoot('build/vsix/package.json'), 'utf8')) as object;
    for (const key of ['dependencies', 'devDependencies', 'scripts', 'private']) {
      expect(manifest).not.toHaveProperty(key);
    }
  });
});

describe('in an empty profile, without a network', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'vsix', fresh: true });
  });
  afterAll(() => session.stop());

  it('becomes warm and offers ghost text', async () => {
    await session.window('vsix', async (workbench) => {
      expect(await session.trace.next('base')).toMatchObject({ source: 'evaluated' });
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      expect(await workbench.ghostText()).not.toBe('');
      expect(await workbench.notifications()).toEqual([]);
    });
  });
});
