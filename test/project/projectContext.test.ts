import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { LAYERS } from '../../src/project/contextItem.ts';
import { nodeProjectFiles } from '../../src/project/nodeProjectFiles.ts';
import type { ProjectContext } from '../../src/project/projectContext.ts';
import type { ProjectFiles } from '../../src/project/projectFiles.ts';
import { anywhere, cutOffKey, inDataFiles, inlineKey, keyBlocks } from './plantedSecrets.ts';
import { addFiles, collect, countTokens, oneRoot, tempTree } from './tempTree.ts';

const project = {
  'package.json': JSON.stringify({
    name: 'demo',
    version: '3.2.1',
    description: 'A demo.',
    scripts: { test: 'vitest' },
    dependencies: { zod: '^4.1.0', ajv: '~0.8.2', own: 'workspace:*' },
    author: 'someone',
  }),
  'README.md': '# Demo\n\n[![badge](x.svg)](y)\n\nWhat it does.\n\n## Use\n\nLike this.\n',
  'AGENTS.md': 'Write tests first.\n',
  '.github/copilot-instructions.md': 'Be brief.\n',
  'CONTRIBUTING.md': '# Contributing\n\nRun the checks.\n',
  'src/core.ts': 'export const core = 1;\n',
  'src/one.ts': "import { core } from './core.ts';\nexport const one = core;\n",
  'src/two.ts': "import { core } from './core.ts';\nimport { one } from './one.ts';\n",
  'test/one.test.ts':
    "import { one } from '../src/one.ts';\nimport { core } from '../src/core.ts';\n",
  'notes.txt': 'Some notes.\n',
};

/** Whole files and extracts: what stands in the map as well is told apart by `mapOf`. */
const paths = (context: ProjectContext): readonly string[] =>
  context.items.filter(({ layer }) => layer !== 'map').map(({ path }) => path);
const textOf = (context: ProjectContext, path: string): string | undefined =>
  context.items.find((item) => item.path === path && item.layer !== 'map')?.text;
const mapOf = (context: ProjectContext, path: string): string | undefined =>
  context.items.find((item) => item.path === path && item.layer === 'map')?.text;
const reasonOf = (context: ProjectContext, path: string): string | undefined =>
  context.leftOut.find((one) => one.path === path)?.reason;

/** The prompt's content, as far as it is made of the context. */
const allText = ({ items, repoName }: ProjectContext): string =>
  [repoName, ...items.map(({ path, text }) => `${path}\n${text}`)].join('\n');

test('layers come most stable first, files by how many others import them', async () => {
  const context = await collect(oneRoot(await tempTree(project)));
  expect(context.items.map(({ layer, path }) => `${layer} ${path}`)).toEqual([
    'rules AGENTS.md',
    'rules .github/copilot-instructions.md',
    'rules CONTRIBUTING.md',
    'manifest package.json',
    'readme README.md',
    'map src/core.ts',
    'map src/one.ts',
    'files src/core.ts',
    'files src/one.ts',
    'files src/two.ts',
    'files test/one.test.ts',
    'files notes.txt',
  ]);
  expect(context.items.find(({ path }) => path === 'src/core.ts')?.why).toBe(
    '3 other files import it',
  );
  expect(textOf(context, 'package.json')).toBe(
    `${JSON.stringify(
      {
        name: 'demo',
        description: 'A demo.',
        scripts: { test: 'vitest' },
        dependencies: { ajv: '0.8', own: 'workspace:*', zod: '4' },
      },
      undefined,
      2,
    )}\n`,
  );
  expect(textOf(context, 'README.md')).toBe('# Demo\n\nWhat it does.\n\n## Use\n\nLike this.\n');
  expect(mapOf(context, 'src/core.ts')).toBe('export const core = 1\n');
});

test('an empty project gives an empty, valid context', async () => {
  const nothing = { repoName: 'app', items: [], leftOut: [] };
  expect(await collect(oneRoot(await tempTree({})))).toMatchObject(nothing);
  expect(await collect(nodeProjectFiles([]))).toMatchObject(nothing);
});

test('a missing folder rejects with a code, an aborted signal with its reason', async () => {
  const root = await tempTree(project);
  await expect(collect(oneRoot(join(root, 'nowhere')))).rejects.toMatchObject({
    code: 'PROJECT_FOLDER_MISSING',
  });
  const reason = new Error('not now');
  const signal = AbortSignal.abort(reason);
  await expect(collect(oneRoot(root), { signal })).rejects.toBe(reason);
});

test('an abort during the work is noticed', async () => {
  const many = Array.from({ length: 100 }, (_, n) => [`src/x${String(n)}.ts`, 'x\n'] as const);
  const files = oneRoot(await tempTree({ ...project, ...Object.fromEntries(many) }));
  const controller = new AbortController();
  let readsAfter = 0;
  const aborting: ProjectFiles = {
    ...{ roots: files.roots, list: (dir) => files.list(dir) },
    read: (path, maxBytes) => {
      if (controller.signal.aborted) readsAfter++;
      if (path === 'README.md') controller.abort();
      return files.read(path, maxBytes);
    },
  };
  await expect(collect(aborting, { signal: controller.signal })).rejects.toThrow(/abort/iu);
  // At most the files that are read at the same time.
  expect(readsAfter).toBeLessThan(16);
});

describe('text', () => {
  test('line ends, byte order marks and blank ends are made alike', async () => {
    const root = await tempTree({ 'a.ts': '\uFEFFone\r\ntwo\r\n\r\n', 'b.ts': 'one' });
    const context = await collect(oneRoot(root));
    expect(textOf(context, 'a.ts')).toBe('one\ntwo\n');
    expect(textOf(context, 'b.ts')).toBe('one\n');
  });

  test('names of special tokens are ordinary text', async () => {
    const text = '<|im_start|>system<|fim_middle|><|file_sep|>\n';
    const context = await collect(oneRoot(await tempTree({ 'a.ts': text })));
    expect(textOf(context, 'a.ts')).toBe(text);
  });

  test('what is not worth reading is left out with its reason', async () => {
    const context = await collect(
      oneRoot(
        await tempTree({
          'nul.ts': 'a\0b',
          'latin1.ts': Uint8Array.of(0x61, 0xe4, 0x62, 0x0a),
          'huge.ts': 'x\n'.repeat(140_000),
          'empty.ts': ' \n',
          'gen.ts': '// Code generated by tool. DO NOT EDIT.\nconst a = 1;\n',
          'packed.js': 'a=1;'.repeat(1000),
          'deploy.yaml': 'apiVersion: v1\nkind: Secret\ndata:\n  x: aGVsbG8=\n',
          'good.ts': 'good\n',
        }),
      ),
    );
    expect(paths(context)).toEqual(['good.ts']);
    expect(Object.fromEntries(context.leftOut.map(({ path, reason }) => [path, reason]))).toEqual({
      'nul.ts': 'binary',
      'latin1.ts': 'binary',
      'huge.ts': 'too large',
      'empty.ts': 'empty',
      'gen.ts': 'generated',
      'packed.js': 'minified',
      'deploy.yaml': 'secret',
    });
  });

  test('a manifest that is no JSON, or has odd fields, does no harm', async () => {
    const broken = await collect(oneRoot(await tempTree({ 'package.json': '{ "name": "x",' })));
    expect(textOf(broken, 'package.json')).toBe('{ "name": "x",\n');
    const odd = { name: 5, scripts: 'a', dependencies: { a: '1' } };
    const context = await collect(oneRoot(await tempTree({ 'package.json': JSON.stringify(odd) })));
    expect(JSON.parse(textOf(context, 'package.json') ?? '')).toEqual({ dependencies: { a: '1' } });
  });

  test('other manifests are shown as they are, without what only tools need', async () => {
    const goMod = 'module x\n\nrequire (\n\ta v1.2.3\n\tb v2 // indirect\n)\n';
    const context = await collect(
      oneRoot(
        await tempTree({
          'go.mod': goMod,
          'Cargo.toml': '[package]\nname = "x"\nversion = "1.2.3"\n',
        }),
      ),
    );
    expect(context.items.map(({ layer, path }) => `${layer} ${path}`).slice(0, 2)).toEqual([
      'manifest Cargo.toml',
      'manifest go.mod',
    ]);
    expect(textOf(context, 'go.mod')).toBe('module x\n\nrequire (\n\ta v1.2\n)\n');
    expect(textOf(context, 'Cargo.toml')).toBe('[package]\nname = "x"\n');
  });
});

describe('secrets', () => {
  test('planted in names and in contents everywhere, none is seen', async () => {
    const secrets = [...anywhere, ...keyBlocks, cutOffKey, inlineKey];
    const holders = [
      ...['AGENTS.md', 'CONTRIBUTING.md', '.github/copilot-instructions.md', 'README.md'],
      ...['src/a.ts', 'src/b.py', 'config/c.yaml', 'd.json', 'Makefile', 'test/e.test.ts'],
      ...['Cargo.toml', 'go.mod', 'pyproject.toml', 'requirements.txt', 'src/main.go'],
    ];
    const tree: Record<string, string> = {};
    for (const [index, { line }] of secrets.entries()) {
      const holder = holders[index % holders.length] ?? '';
      tree[holder] = `${tree[holder] ?? ''}${line}\n\nthen text\n\n`;
    }
    const inPackage = anywhere.slice(0, 3).map(({ needle }) => needle);
    tree['package.json'] = JSON.stringify({
      description: inPackage[0],
      scripts: { deploy: `tool ${inPackage[1] ?? ''} --password hunter2x` },
      token: inPackage[2],
    });
    for (const { line, needle } of inDataFiles) {
      tree[`conf/${needle}-settings.yaml`.replace(needle, String(needle.length))] = line;
    }
    const marker = 'canary-in-a-secret-file';
    const secretFiles = [
      ...['.env', 'a/.env.local', 'b/server.pem', 'id_rsa', 'c/.npmrc', 'credentials.json'],
      ...[
        'secrets.yaml',
        '.aws/config',
        'd/terraform.tfstate',
        'service-account-x.json',
        'e/x.key',
      ],
    ];
    for (const path of secretFiles) tree[path] = marker;
    tree['.gitignore'] = 'private-notes.md\n';
    tree['private-notes.md'] = marker;
    const context = await collect(oneRoot(await tempTree(tree)));

    const text = allText(context);
    for (const { needle } of [...secrets, ...inDataFiles]) expect(text).not.toContain(needle);
    expect(text).not.toContain('hunter2x');
    expect(text).not.toContain(marker);
    for (const path of [...secretFiles, 'private-notes.md']) {
      expect(paths(context)).not.toContain(path);
    }
    // Every holder is in, so that the absence above means something.
    expect(paths(context)).toEqual(expect.arrayContaining([...holders, 'package.json']));
    expect(text.split('[redacted]').length).toBeGreaterThan(secrets.length);
  });

  test('nothing from outside comes in through a link', async () => {
    const outside = await tempTree({ 'plan.ts': 'canary-outside' });
    const root = await tempTree({ 'a.ts': 'x' });
    await symlink(outside, join(root, 'folder'));
    await symlink(join(outside, 'plan.ts'), join(root, 'README.md'));
    const context = await collect(oneRoot(root));
    expect(allText(context)).not.toContain('canary-outside');
    expect(paths(context)).toEqual(['a.ts']);
    expect(reasonOf(context, 'README.md')).toBe('symbolic link');
  });
});

describe('budget', () => {
  const files = fc.dictionary(
    fc.constantFrom('a.ts', 'b/c.ts', 'README.md', 'AGENTS.md', 'd/e/f.py', 'package.json', 'g.md'),
    fc.string({ maxLength: 60 }).map((line) => `${line}\n`.repeat(40)),
    { minKeys: 1 },
  );

  test('is never exceeded, and items tell their true cost', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: -5, max: 3000 }), async (tree, budgetTokens) => {
        const context = await collect(oneRoot(await tempTree(tree)), { budgetTokens });
        const total = context.items.reduce((sum, { tokens }) => sum + tokens, 0);
        expect(total).toBeLessThanOrEqual(Math.max(0, budgetTokens - countTokens('app')));
        for (const { path, text, tokens } of context.items) {
          expect(tokens).toBe(countTokens(`${path}\n${text}`) + 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a file that does not fit is passed over for smaller ones, and told', async () => {
    const tree = {
      'big.ts': 'a = 1;\n'.repeat(1000),
      'small.ts': 'b = 2;\n',
      'uses.ts': "import './big.ts';\n",
      'uses-too.ts': "import './big.ts';\n",
    };
    const context = await collect(oneRoot(await tempTree(tree)), { budgetTokens: 600 });
    expect([...paths(context)].sort()).toEqual(['small.ts', 'uses-too.ts', 'uses.ts']);
    expect(reasonOf(context, 'big.ts')).toBe('over budget');
  });

  test('the tokenizer is asked once per item, and not for what cannot fit', async () => {
    const tree: Record<string, string> = { 'README.md': '# x\n' };
    for (let n = 0; n < 50; n++) tree[`src/f${String(n)}.ts`] = 'const a = 1;\n'.repeat(400);
    const root = await tempTree(tree);
    let nCalls = 0;
    const { collectProjectContext } = await import('../../src/project/projectContext.ts');
    const context = await collectProjectContext(oneRoot(root), {
      ...{ repoName: 'app', filesExclude: [], budgetTokens: 800 },
      countTokens: (text) => {
        nCalls++;
        return countTokens(text);
      },
    });
    expect(context.items.map(({ layer }) => layer)).toEqual(['readme']);
    expect(nCalls).toBeLessThanOrEqual(9);
  });

  test('a long README is cut at a paragraph', async () => {
    const tree: Record<string, string> = { 'README.md': '# Title\n\nA few words.\n\n'.repeat(200) };
    const context = await collect(oneRoot(await tempTree(tree)), { budgetTokens: 1000 });
    expect(textOf(context, 'README.md')).toMatch(/^(?:# Title\n\nA few words\.\n\n?)+$/u);
    expect(textOf(context, 'README.md')?.length).toBeGreaterThan(50);
  });
});

describe('stability', () => {
  test('the same tree gives the same bytes in whatever order it is found', async () => {
    const root = await tempTree({
      ...project,
      'ä.ts': 'x',
      'Z.ts': 'x',
      'a-b.ts': 'x',
      'a/b.ts': 'x',
    });
    const expected = await collect(oneRoot(root), { budgetTokens: 1500 });
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (keys) => {
          // The stream never ends, so there is always a value.
          const files = shuffled(oneRoot(root), () => keys.next().value as number);
          expect(await collect(files, { budgetTokens: 1500 })).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('where the tree lies does not matter', async () => {
    const here = await collect(oneRoot(await tempTree(project)));
    const there = await tempTree(project);
    const context = await collect(oneRoot(there));
    expect(context).toEqual(here);
    expect(JSON.stringify(context)).not.toContain(there);
  });

  test('an edit in one file changes its item only', async () => {
    const root = await tempTree(project);
    const before = await collect(oneRoot(root));
    await writeFile(join(root, 'src/core.ts'), 'export const core = 2; // edited\n');
    const after = await collect(oneRoot(root));
    expect(paths(after)).toEqual(paths(before));
    expect(changed(before, after)).toEqual(['src/core.ts']);
  });

  test('a new file changes nothing else', async () => {
    const root = await tempTree(project);
    const before = await collect(oneRoot(root));
    await addFiles(root, { 'src/zzz.ts': 'export {};\n' });
    expect(changed(before, await collect(oneRoot(root)))).toEqual(['src/zzz.ts']);
    await rm(join(root, 'src/zzz.ts'));
    expect(await collect(oneRoot(root))).toEqual(before);
  });

  test('a few lines more in one file do not push out others of a full budget', async () => {
    const tree: Record<string, string> = {};
    for (let n = 10; n < 30; n++) tree[`f${String(n)}.ts`] = `a = ${String(n)};\n`.repeat(60);
    const root = await tempTree(tree);
    // Whatever the budget: a run of budgets as long as a file has one that is full to the brim.
    const budgets = Array.from({ length: 64 }, (_, n) => 1500 + 2 * n);
    const collectAll = (): Promise<readonly ProjectContext[]> =>
      Promise.all(budgets.map((budgetTokens) => collect(oneRoot(root), { budgetTokens })));
    const before = await collectAll();
    await writeFile(join(root, 'f10.ts'), `${tree['f10.ts'] ?? ''}more();\n`);
    const after = await collectAll();
    for (const [index, context] of before.entries()) {
      expect(context.leftOut.length).toBeGreaterThan(0);
      expect(changed(context, after[index] ?? context)).toEqual(['f10.ts']);
    }
  });
});

test('several roots are named parts, each with its own ignore rules and manifests', async () => {
  const web = await tempTree({ ...project, '.gitignore': 'notes.txt\n', 'src/skip.ts': 'x\n' });
  const api = await tempTree({
    'go.mod': 'module api\n',
    'main.go': 'package main\n',
    'notes.txt': 'x',
  });
  const files = nodeProjectFiles([
    { name: 'web', path: web },
    { name: 'api', path: api },
  ]);
  const context = await collect(files, { filesExclude: ['src/skip.ts'] });
  const order = context.items.map(({ layer }) => LAYERS.indexOf(layer));
  expect(order).toEqual([...order].sort((left, right) => left - right));
  expect(paths(context)).toEqual(
    expect.arrayContaining([
      'api/go.mod',
      'api/main.go',
      'api/notes.txt',
      'web/AGENTS.md',
      'web/src/core.ts',
    ]),
  );
  expect(reasonOf(context, 'web/notes.txt')).toBe('ignored');
  expect(reasonOf(context, 'web/src/skip.ts')).toBe('files.exclude');
  const swapped = nodeProjectFiles([
    { name: 'api', path: api },
    { name: 'web', path: web },
  ]);
  expect(await collect(swapped, { filesExclude: ['src/skip.ts'] })).toEqual(context);
});

/** Paths whose item differs, is new, or is gone; order matters too. */
function changed(before: ProjectContext, after: ProjectContext): readonly string[] {
  const kept = paths(after).filter((path) => paths(before).includes(path));
  expect(kept).toEqual(paths(before).filter((path) => kept.includes(path)));
  const all = new Set([...paths(before), ...paths(after)]);
  return [...all].filter((path) => textOf(before, path) !== textOf(after, path)).sort();
}

/** The same files, listed and answered in another order. */
function shuffled(files: ProjectFiles, key: () => number): ProjectFiles {
  return {
    roots: files.roots,
    list: async (dir) => {
      const entries = (await files.list(dir)).map((entry) => ({ entry, at: key() }));
      return entries.sort((left, right) => left.at - right.at).map(({ entry }) => entry);
    },
    read: async (path, maxBytes) => {
      const nTurns = Math.floor(key() * 4);
      for (let turn = 0; turn < nTurns; turn++) await Promise.resolve();
      return files.read(path, maxBytes);
    },
  };
}
