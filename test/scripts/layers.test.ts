import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerRules } from '../../scripts/lint/layers.mjs';

const sourceFiles = [
  'src/base/a.ts',
  'src/protocol/a.ts',
  'src/cache/a.ts',
  'src/project/a.ts',
  'src/models/a.ts',
  'src/syntax/a.ts',
  'src/engine/a.ts',
  'src/engine/prompts/a.ts',
  'src/engine/native/a.ts',
  'src/client/a.ts',
  'src/extension/a.ts',
  'src/extension/chatProtocol.ts',
  'src/extension/chat/shared/a.ts',
  'media/chat/a.ts',
  'native/index.ts',
];

let root: string;
let eslint: ESLint;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'warmfork-layers-'));
  for (const file of sourceFiles) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), 'export const a = 1;\n');
  }
  eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
      ...layerRules(root),
    ],
  });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function lint(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  return result!.messages.map((message) => message.ruleId ?? message.message);
}

describe('layer rules', () => {
  const allowed: [from: string, to: string][] = [
    ['src/protocol/x.ts', '../base/a.ts'],
    ['src/cache/x.ts', '../protocol/a.ts'],
    ['src/cache/x.ts', '../../native/index.ts'],
    ['src/engine/x.ts', '../cache/a.ts'],
    ['src/engine/x.ts', '../project/a.ts'],
    ['src/engine/x.ts', '../models/a.ts'],
    ['src/models/x.ts', '../protocol/a.ts'],
    ['src/models/x.ts', 'node-llama-cpp'],
    ['src/engine/x.ts', './prompts/a.ts'],
    ['src/engine/x.ts', '../syntax/a.ts'],
    ['src/project/x.ts', '../syntax/a.ts'],
    ['src/syntax/x.ts', '@vscode/tree-sitter-wasm'],
    ['src/engine/native/x.ts', '../../../native/index.ts'],
    ['src/engine/native/x.ts', 'node-llama-cpp'],
    ['src/engine/x.ts', './native/a.ts'],
    ['src/engine/prompts/x.ts', '../../project/a.ts'],
    ['src/engine/x.ts', '../../native/index.ts'],
    ['src/engine/x.ts', 'node-llama-cpp'],
    ['src/engine/x.ts', 'node:fs'],
    ['src/client/x.ts', '../protocol/a.ts'],
    ['src/extension/x.ts', '../client/a.ts'],
    ['src/extension/x.ts', 'vscode'],
    ['media/chat/x.ts', '../../src/extension/chatProtocol.ts'],
    ['media/chat/x.ts', '../../src/extension/chat/shared/a.ts'],
    ['media/chat/x.ts', '../../src/base/a.ts'],
    ['media/chat/x.ts', 'markdown-it'],
  ];
  it.each(allowed)('%s may import %s', async (from, to) => {
    expect(await lint(from, `import { a } from '${to}';\nexport const b = a;\n`)).toEqual([]);
  });

  const refused: [from: string, to: string][] = [
    ['src/base/x.ts', '../protocol/a.ts'],
    ['src/protocol/x.ts', '../cache/a.ts'],
    ['src/cache/x.ts', '../engine/a.ts'],
    ['src/cache/x.ts', '../engine/prompts/a.ts'],
    ['src/cache/x.ts', '../project/a.ts'],
    ['src/cache/x.ts', '../engine/native/a.ts'],
    ['src/base/native/x.ts', '../../cache/a.ts'],
    ['src/project/x.ts', '../../native/index.ts'],
    ['src/project/x.ts', '../cache/a.ts'],
    ['src/syntax/x.ts', '../project/a.ts'],
    ['src/project/x.ts', '@vscode/tree-sitter-wasm'],
    ['src/extension/x.ts', '../syntax/a.ts'],
    ['src/models/x.ts', '../engine/a.ts'],
    ['src/models/x.ts', '../cache/a.ts'],
    ['src/extension/x.ts', '../models/a.ts'],
    ['src/engine/x.ts', '../client/a.ts'],
    ['src/engine/prompts/x.ts', '../../extension/a.ts'],
    ['src/client/x.ts', '../engine/a.ts'],
    ['src/extension/x.ts', '../engine/a.ts'],
    ['src/extension/x.ts', '../cache/a.ts'],
    ['src/extension/x.ts', '../../native/index.ts'],
    ['src/engine/x.ts', 'vscode'],
    ['src/client/x.ts', 'vscode'],
    ['media/chat/x.ts', 'vscode'],
    ['src/extension/x.ts', 'node-llama-cpp'],
    ['src/cache/x.ts', 'node-llama-cpp'],
    ['media/chat/x.ts', '../../src/extension/a.ts'],
    ['media/chat/x.ts', '../../src/protocol/a.ts'],
  ];
  it.each(refused)('%s may not import %s', async (from, to) => {
    const code = `import { a } from '${to}';\nexport const b = a;\n`;
    expect(await lint(from, code)).toEqual(['boundaries/dependencies']);
  });

  it('sees type imports, re-exports and dynamic imports too', async () => {
    const from = 'src/cache/x.ts';
    const refusal = ['boundaries/dependencies'];
    expect(await lint(from, `import type { a } from '../engine/a.ts';`)).toEqual(refusal);
    expect(await lint(from, `export { a } from '../engine/a.ts';`)).toEqual(refusal);
    expect(await lint(from, `export const a = import('../engine/a.ts');`)).toEqual(refusal);
  });

  it('refuses a source file outside of every layer', async () => {
    expect(await lint('src/helpers/x.ts', 'export const a = 1;\n')).toEqual([
      'boundaries/no-unknown-files',
    ]);
  });
});
