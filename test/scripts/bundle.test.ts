/** What the extension's bundle must not do while VS Code waits for it. */
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../esbuild.mjs';

describe("the extension host's bundle", () => {
  let text: string;
  beforeAll(async () => {
    const options = bundleOptions().find(({ outfile }) => outfile?.endsWith('extension.cjs'));
    const { outputFiles } = await esbuild.build({ ...options, write: false });
    text = outputFiles?.find(({ path }) => path.endsWith('.cjs'))?.text ?? '';
  });

  it("loads VS Code's API once and copies nothing of it", () => {
    expect(text.match(/require\("vscode"\)/g)).toHaveLength(1);
    expect(text).not.toMatch(/__toESM\(require\("vscode"\)/);
  });

  it('loads nothing else than modules of Node', () => {
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name ?? '');
    const builtIn = /^(node:[\w/]+|util|crypto|path|os|fs|net|child_process|vscode)$/;
    expect(required.filter((name) => !builtIn.test(name))).toEqual([]);
  });
});
