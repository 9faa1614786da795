import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ProjectContext } from '../../src/project/projectContext.ts';
import { addFiles, collect, oneRoot, tempTree } from './tempTree.ts';

const rows = ({ items }: ProjectContext): readonly string[] =>
  items.map(({ layer, path }) => `${layer} ${path}`);

const reasonOf = (context: ProjectContext, path: string): string | undefined =>
  context.leftOut.find((one) => one.path === path)?.reason;

/** How many items both begin with. */
function commonItems(before: ProjectContext, after: ProjectContext): number {
  const at = before.items.findIndex(
    ({ path, text }, index) =>
      after.items[index]?.path !== path || after.items[index].text !== text,
  );
  return at < 0 ? before.items.length : at;
}

/** A few modules, each with a body that is longer than its signature, and importers of the first. */
const modules = Object.fromEntries(
  Array.from({ length: 12 }, (_, n) => [
    `src/m${String(n).padStart(2, '0')}.ts`,
    `${n > 0 ? "import { f0 } from './m00.ts';\n" : ''}export function f${String(n)}(a: number): number {\n${'  a += 1;\n'.repeat(30)}  return a;\n}\n`,
  ]),
);

describe('stability', () => {
  test('an edit in a body leaves the whole map', async () => {
    const root = await tempTree({ ...modules, 'README.md': '# Demo\n' });
    const before = await collect(oneRoot(root));
    await writeFile(
      join(root, 'src/m00.ts'),
      (modules['src/m00.ts'] ?? '').replace('a += 1', 'a += 2'),
    );
    const after = await collect(oneRoot(root));
    const map = before.items.filter(({ layer }) => layer !== 'files').length;
    expect(map).toBe(13);
    expect(commonItems(before, after)).toBeGreaterThanOrEqual(map);
    expect(commonItems(before, after)).toBeLessThan(before.items.length);
  });

  test('an edit of a signature changes one item of the map, and the order of none', async () => {
    const root = await tempTree(modules);
    const before = await collect(oneRoot(root));
    await writeFile(
      join(root, 'src/m05.ts'),
      (modules['src/m05.ts'] ?? '').replace('(a: number)', '(a: number, b = 0)'),
    );
    const after = await collect(oneRoot(root));
    expect(rows(after)).toEqual(rows(before));
    const changed = after.items.filter(({ text }, at) => text !== before.items[at]?.text);
    expect(changed.map(({ layer, path }) => `${layer} ${path}`)).toEqual([
      'map src/m05.ts',
      'files src/m05.ts',
    ]);
  });

  test('one more import somewhere does not turn the map around', async () => {
    const root = await tempTree(modules);
    const before = await collect(oneRoot(root));
    await addFiles(root, { 'test/new.test.ts': "import { f3 } from '../src/m03.ts';\n" });
    const map = ({ items }: ProjectContext) =>
      items.filter(({ layer }) => layer === 'map').map(({ path }) => path);
    expect(map(await collect(oneRoot(root)))).toEqual(map(before));
  });

  test('a release that only raises versions changes nothing', async () => {
    const manifest = (version: string, zod: string): string =>
      JSON.stringify({ name: 'demo', version, dependencies: { zod } });
    const root = await tempTree({ ...modules, 'package.json': manifest('1.0.0', '^4.1.0') });
    const before = await collect(oneRoot(root));
    await writeFile(join(root, 'package.json'), manifest('1.1.0', '^4.2.3'));
    expect(await collect(oneRoot(root))).toEqual(before);
    await writeFile(join(root, 'package.json'), manifest('2.0.0', '^5.0.0'));
    expect(await collect(oneRoot(root))).not.toEqual(before);
  });
});

describe('rules', () => {
  const tree = {
    'AGENTS.md': 'Be brief.\n',
    'CLAUDE.md': 'Test first.\n',
    '.cursor/rules/a.md': 'Obey.\n',
    '.github/prompts/x.prompt.md': 'Do it.\n',
    '.vscode/settings.json': '{ "editor.tabSize": 2 }\n',
    '.editorconfig': '# How we write\nroot = true\n\n[*]\nindent_size = 2\n',
    'src/a.ts': 'export const a = 1;\n',
  };

  test('come first, formatters before words, without explanations', async () => {
    const context = await collect(oneRoot(await tempTree(tree)));
    expect(rows(context).slice(0, 3)).toEqual([
      'rules .editorconfig',
      'rules AGENTS.md',
      'rules CLAUDE.md',
    ]);
    expect(context.items[0]?.text).toBe('root = true\n\n[*]\nindent_size = 2\n');
  });

  test('are not read in a workspace that is not trusted', async () => {
    const files = oneRoot(await tempTree(tree));
    const read: string[] = [];
    const watched = {
      ...{ roots: files.roots, list: (dir: string) => files.list(dir) },
      read: (path: string, maxBytes: number) => {
        read.push(path);
        return files.read(path, maxBytes);
      },
    };
    const context = await collect(watched, { trusted: false });
    expect([...new Set(read)]).toEqual(['src/a.ts']);
    expect(rows(context)).toEqual(['map src/a.ts', 'files src/a.ts']);
    expect(reasonOf(context, 'AGENTS.md')).toBe('untrusted workspace');
    expect(reasonOf(context, '.vscode/settings.json')).toBe('untrusted workspace');
  });
});

describe('a choice', () => {
  test('excludes files and folders from every layer', async () => {
    const root = await tempTree({ ...modules, 'AGENTS.md': 'x\n', 'lib/a.ts': 'a\n' });
    const context = await collect(oneRoot(root), { exclude: ['/AGENTS.md', '/src/m0*.ts', 'lib'] });
    expect([...new Set(context.items.map(({ path }) => path))]).toEqual([
      'src/m10.ts',
      'src/m11.ts',
    ]);
    expect(reasonOf(context, 'AGENTS.md')).toBe('excluded by setting');
    expect(reasonOf(context, 'lib/')).toBe('excluded by setting');
  });

  test('includes files before all others, but nothing that is ignored or secret', async () => {
    const root = await tempTree({
      ...modules,
      '.gitignore': 'ignored.ts\n',
      'ignored.ts': 'x\n',
      '.env': 'A=1\n',
      'docs/guide/a.md': 'Guide A.\n',
      'docs/guide/b.md': 'Guide B.\n',
    });
    const include = ['/docs/guide', '/src/m07.ts', '/ignored.ts', '/.env'];
    const context = await collect(oneRoot(root), { include, budgetTokens: 1200 });
    const files = context.items.filter(({ layer }) => layer === 'files');
    const included = files.filter(({ why }) => why === 'you included it');
    expect(included.map(({ path }) => path).sort()).toEqual([
      'docs/guide/a.md',
      'docs/guide/b.md',
      'src/m07.ts',
    ]);
    expect(files.slice(0, 3)).toEqual(included);
    expect(reasonOf(context, 'ignored.ts')).toBe('ignored');
    expect(reasonOf(context, '.env')).toBe('secret');
  });

  test('is told from another one, as ignore files are', async () => {
    const root = await tempTree({ ...modules, '.gitignore': 'a\n' });
    const { rules } = await collect(oneRoot(root));
    expect((await collect(oneRoot(root))).rules).toBe(rules);
    expect((await collect(oneRoot(root), { include: ['b'] })).rules).toBe(rules);
    expect((await collect(oneRoot(root), { exclude: ['b'] })).rules).not.toBe(rules);
    expect((await collect(oneRoot(root), { trusted: false })).rules).not.toBe(rules);
    await writeFile(join(root, 'src/.warmforkignore'), 'b\n');
    expect((await collect(oneRoot(root))).rules).not.toBe(rules);
  });
});

describe('dependencies', () => {
  const manifest = (dependencies: object): string => JSON.stringify({ name: 'x', dependencies });
  const declaration = 'export declare function parse(text: string): unknown;\n';

  test('show what they declare, where the budget allows it', async () => {
    const root = await tempTree({
      ...modules,
      'package.json': manifest({ a: '1', b: '1', '@s/c': '1', '../evil': '1', none: '1' }),
      'node_modules/a/package.json': '{ "types": "./lib/main.d.ts" }',
      'node_modules/a/lib/main.d.ts': declaration,
      'node_modules/b/package.json':
        '{ "exports": { ".": { "import": { "types": "./b.d.mts" } } } }',
      'node_modules/b/b.d.mts': 'export interface B { b: string }\n',
      'node_modules/@s/c/package.json': '{ "types": "../../../src/m00.ts" }',
      'node_modules/not-asked-for/index.d.ts': declaration,
      'evil/index.d.ts': declaration,
    });
    const context = await collect(oneRoot(root), { budgetTokens: 20_000 });
    const dependencies = context.items.filter(({ layer }) => layer === 'dependencies');
    expect(dependencies.map(({ path, text }) => [path, text])).toEqual([
      ['node_modules/a/lib/main.d.ts', 'export declare function parse(text: string): unknown\n'],
      ['node_modules/b/b.d.mts', 'export interface B { b: string }\n'],
    ]);
    const small = await collect(oneRoot(root), { budgetTokens: 4000 });
    expect(small.items.some(({ layer }) => layer === 'dependencies')).toBe(false);
  });

  test('are not looked for outside of the workspace', async () => {
    const outside = await tempTree({ 'package.json': '{}', 'index.d.ts': declaration });
    const root = await tempTree({ ...modules, 'package.json': manifest({ a: '1' }) });
    await mkdir(join(root, 'node_modules'));
    await symlink(outside, join(root, 'node_modules/a'));
    const context = await collect(oneRoot(root), { budgetTokens: 20_000 });
    expect(context.items.some(({ layer }) => layer === 'dependencies')).toBe(false);
  });
});
