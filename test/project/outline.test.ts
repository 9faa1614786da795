import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as esbuild from 'esbuild';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { bundleOptions } from '../../esbuild.mjs';
import { centrality } from '../../src/project/centrality.ts';
import { FactsCache } from '../../src/project/factsCache.ts';
import { readFacts, writeFacts } from '../../src/project/factsFile.ts';
import { outlineProject, type ProjectOutline } from '../../src/project/outline.ts';
import { OutlineThread } from '../../src/project/outlineThread.ts';
import type { ProjectFiles } from '../../src/project/projectFiles.ts';
import { collect, oneRoot, tempTree } from './tempTree.ts';

const tree = {
  'src/core.ts': 'export function core(): number {\n  return 1;\n}\n',
  'src/one.ts': "import { core } from './core.ts';\nexport const one = core();\n",
  'src/two.ts': "import { core } from './core.ts';\nimport { one } from './one.ts';\n",
  'lib/tool.py': 'def tool(a: int) -> int:\n    return a\n',
  'empty.ts': '\n',
  'keys.env': 'A=1\n',
};

const graphOf = (edges: Readonly<Record<string, readonly string[]>>) =>
  new Map(
    Object.entries(edges).map(([from, to]) => [from, new Map(to.map((one) => [one, 1]))] as const),
  );

describe('centrality', () => {
  test('is higher for what important files import', () => {
    const ranks = centrality(
      graphOf({ a: ['hub'], b: ['hub'], c: ['hub'], hub: ['deep'], deep: [], d: ['x'], x: [] }),
    );
    const rank = (path: string): number => ranks.get(path) ?? 0;
    expect(rank('hub')).toBeGreaterThan(rank('x'));
    // Imported once only, but by the hub.
    expect(rank('deep')).toBeGreaterThan(rank('x'));
    const sum = [...ranks.values()].reduce((total, one) => total + one, 0);
    expect(sum).toBeCloseTo(ranks.size);
  });

  test('does not depend on the order in which files and imports are found', () => {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'];
    const edges = fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...paths)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(edges, fc.integer(), (pairs, turn) => {
        const build = (order: readonly string[], list: typeof pairs) =>
          graphOf(
            Object.fromEntries(
              order.map((one) => [one, list.filter(([from]) => from === one).map(([, to]) => to)]),
            ),
          );
        const by = (turn % paths.length) + paths.length;
        const turned = [...paths.slice(by % 6), ...paths.slice(0, by % 6)];
        expect(new Map(centrality(build(turned, [...pairs].reverse())))).toEqual(
          new Map(centrality(build(paths, pairs))),
        );
      }),
    );
  });

  test('leans towards what is worked on when that is told', () => {
    const graph = graphOf({ a: ['left'], b: ['right'], left: [], right: [] });
    const plain = centrality(graph);
    expect(plain.get('left')).toBeCloseTo(plain.get('right') ?? 0);
    const towards = centrality(graph, ['b']);
    expect(towards.get('right')).toBeGreaterThan(towards.get('left') ?? 0);
  });

  test('of nothing is nothing', () => {
    expect(centrality(new Map(), ['x']).size).toBe(0);
  });
});

describe('what is worked on', () => {
  test('changes the last layer only', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `src/m${String(n)}.ts`,
        `import { x } from './m${String((n * 7) % 30)}.ts';\nexport const y${String(n)} = 1;\n`,
      ]),
    );
    const root = await tempTree({ ...many, 'AGENTS.md': 'Be brief.\n' });
    const plain = await collect(oneRoot(root));
    const worked = await collect(oneRoot(root), { workedOn: ['src/m3.ts'] });
    const leading = (context: typeof plain) =>
      context.items.filter(({ layer }) => layer !== 'files');
    expect(leading(worked)).toEqual(leading(plain));
    expect(worked.items).not.toEqual(plain.items);
    expect(worked.items.find(({ layer }) => layer === 'files')?.path).toBe('src/m3.ts');
  });
});

describe('the cache of facts', () => {
  test('parses what changed and nothing else, wherever a file lies', async () => {
    const root = await tempTree(tree);
    const cache = new FactsCache();
    const options = { filesExclude: [] };
    const first = await outlineProject(oneRoot(root), options, cache);
    expect(first.parsed).toBe(5);
    const again = await outlineProject(oneRoot(root), options, cache);
    expect(again).toEqual({ ...first, parsed: 0 });
    await writeFile(join(root, 'src/core.ts'), 'export function other(): void {}\n');
    await writeFile(join(root, 'src/moved.ts'), tree['src/one.ts']);
    const edited = await outlineProject(oneRoot(root), options, cache);
    expect(edited.parsed).toBe(1);
    expect(signatures(edited, 'src/core.ts')).toBe('export function other(): void\n');
    expect(signatures(edited, 'src/moved.ts')).toBe(signatures(first, 'src/one.ts'));
  });

  test('reads what may have changed and nothing else, also after a restart', async () => {
    const root = await tempTree(tree);
    const stamps = new Map<string, string>(Object.keys(tree).map((path) => [path, 'old']));
    const files = withStamps(root, stamps);
    const cache = new FactsCache();
    const options = { filesExclude: [] };
    const first = await outlineProject(files, options, cache);
    expect(first).toMatchObject({ parsed: 5, read: 5 });
    expect(await outlineProject(files, options, cache)).toEqual({ ...first, parsed: 0, read: 0 });
    await writeFile(join(root, 'src/core.ts'), 'export function other(): void {}\n');
    stamps.set('src/core.ts', 'new');
    const edited = await outlineProject(files, options, cache);
    expect(edited).toMatchObject({ parsed: 1, read: 1 });
    expect(signatures(edited, 'src/core.ts')).toBe('export function other(): void\n');
    // One that was written just now may be written again within the same time.
    stamps.delete('src/core.ts');
    expect(await outlineProject(files, options, cache)).toMatchObject({ parsed: 0, read: 1 });
    stamps.set('src/core.ts', 'newer');
    await outlineProject(files, options, cache);

    const path = join(await tempTree({}), 'facts.json');
    await writeFacts(path, { facts: cache.known, seen: cache.seen });
    const restarted = new FactsCache(await readFacts(path));
    const later = await outlineProject(files, options, restarted);
    expect(later).toEqual({ ...edited, parsed: 0, read: 0 });
  });

  test('ranks files again when something else is imported, and only then', async () => {
    const root = await tempTree(tree);
    const cache = new FactsCache();
    const options = { filesExclude: [] };
    await outlineProject(oneRoot(root), options, cache);
    await writeFile(join(root, 'src/core.ts'), 'export function other(): void {}\n');
    await outlineProject(oneRoot(root), options, cache);
    expect(cache.ranking.made).toBe(1);
    await writeFile(join(root, 'src/core.ts'), "import './one.ts';\nexport const a = 1;\n");
    const outline = await outlineProject(oneRoot(root), options, cache);
    expect(cache.ranking.made).toBe(2);
    expect(outline).toEqual({
      ...(await outlineProject(oneRoot(root), options)),
      ...{ parsed: outline.parsed },
    });
  });

  test('holds no secrets', async () => {
    const root = await tempTree({ 'a.ts': "export const password = 'correcthorse1';\n" });
    const outline = await outlineProject(oneRoot(root), { filesExclude: [] });
    expect(signatures(outline, 'a.ts')).toBe("export const password = '[redacted]'\n");
  });
});

describe('the worker thread', () => {
  let worker = '';

  beforeAll(async () => {
    const options = bundleOptions({ outdir: 'build/test' }).find(({ outfile }) =>
      outfile?.endsWith('outlineWorker.mjs'),
    );
    if (options?.outfile === undefined) throw new Error('the worker has no bundle');
    await esbuild.build(options);
    worker = join(import.meta.dirname, '../..', options.outfile);
  });

  const start = (idleMs?: number): OutlineThread => {
    const thread = new OutlineThread(worker, idleMs);
    onTestFinished(() => thread.close());
    return thread;
  };

  test('outlines as the main thread does', async () => {
    const root = await tempTree(tree);
    const work = { folders: [{ name: 'app', path: root }], maxSignatureChars: 1e6 };
    const options = { filesExclude: ['lib'], workedOn: ['src/one.ts'], trusted: false };
    const outline = await start().outline(work, options);
    expect(outline).toEqual(await outlineProject(oneRoot(root), options));
    expect(signatures(outline, 'src/core.ts')).toBe('export function core(): number\n');
  });

  test('keeps facts between runs in a file of its owner, and takes a damaged one for none', async () => {
    const root = await tempTree(tree);
    const cacheFile = join(await tempTree({}), 'deep', 'facts.json');
    const work = { folders: [{ name: 'app', path: root }], maxSignatureChars: 1e6, cacheFile };
    const first = await start().outline(work, { filesExclude: [] });
    expect(first.parsed).toBe(5);
    if (process.platform !== 'win32') expect((await stat(cacheFile)).mode & 0o777).toBe(0o600);
    expect(await start().outline(work, { filesExclude: [] })).toEqual({ ...first, parsed: 0 });
    await writeFile(cacheFile, (await readFile(cacheFile, 'utf8')).slice(0, -20));
    expect(await start().outline(work, { filesExclude: [] })).toEqual(first);
  });

  test('does not write a file as large as the project for an edit in it', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `src/unit${at}.ts`);
    const root = await tempTree(
      Object.fromEntries(names.map((name, at) => [name, `export const unit = ${at};\n`])),
    );
    const cacheFile = join(await tempTree({}), 'facts.json');
    const work = { folders: [{ name: 'app', path: root }], maxSignatureChars: 1e6, cacheFile };
    const thread = start();
    await thread.outline(work, { filesExclude: [] });
    const written = async () => (await stat(cacheFile, { bigint: true })).ino;
    const first = await written();
    const edit = (name: string) =>
      writeFile(join(root, name), `export const edited = '${name}';\n`);
    await edit('src/unit0.ts');
    expect((await thread.outline(work, { filesExclude: [] })).parsed).toBe(1);
    expect(await written()).toBe(first);
    await edit('src/unit1.ts');
    expect((await thread.outline(work, { filesExclude: [] })).parsed).toBe(1);
    expect(await written()).not.toBe(first);
  });

  test('sends no signatures that have no chance', async () => {
    const root = await tempTree(tree);
    const work = { folders: [{ name: 'app', path: root }], maxSignatureChars: 40 };
    const outline = await start().outline(work, { filesExclude: [] });
    expect(outline.files.filter((file) => file.signatures !== '').map(({ path }) => path)).toEqual([
      'src/core.ts',
    ]);
  });

  test('rejects with the reason: a missing folder, an abort, its end', async () => {
    const root = await tempTree(tree);
    const thread = start();
    const work = (path: string) => ({
      folders: [{ name: 'app', path }],
      maxSignatureChars: 1e6,
    });
    await expect(
      thread.outline(work(join(root, 'nowhere')), { filesExclude: [] }),
    ).rejects.toMatchObject({ code: 'PROJECT_FOLDER_MISSING' });
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = thread.outline(work(root), { filesExclude: [], signal });
    const reason = new Error('not now');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const ended = thread.outline(work(root), { filesExclude: [] });
    await Promise.all([expect(ended).rejects.toThrow(/has ended/u), thread.close()]);
    // The next work starts it again.
    expect((await thread.outline(work(root), { filesExclude: [] })).files).toHaveLength(4);
  });

  test('ends when there is nothing to do, and starts again', async () => {
    const root = await tempTree(tree);
    const thread = start(10);
    const work = { folders: [{ name: 'app', path: root }], maxSignatureChars: 1e6 };
    await thread.outline(work, { filesExclude: [] });
    await expect.poll(() => thread.isRunning, { timeout: 10_000 }).toBe(false);
    expect((await thread.outline(work, { filesExclude: [] })).files).toHaveLength(4);
  });
});

function signatures(outline: ProjectOutline, path: string): string | undefined {
  return outline.files.find((file) => file.path === path)?.signatures;
}

/** The project's files, with stamps as given: real ones tell nothing of files that a test has just written. */
function withStamps(root: string, stamps: ReadonlyMap<string, string>): ProjectFiles {
  const files = oneRoot(root);
  return {
    roots: files.roots,
    list: (path) => files.list(path),
    read: (path, maxBytes) => files.read(path, maxBytes),
    stamp: (path) => Promise.resolve(stamps.get(path)),
  };
}
