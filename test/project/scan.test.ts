import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { ProjectFiles } from '../../src/project/projectFiles.ts';
import { scanProject, type ScanResult } from '../../src/project/scan.ts';
import { oneRoot, tempTree, type Tree } from './tempTree.ts';

async function scan(tree: Tree, filesExclude: readonly string[] = []): Promise<ScanResult> {
  return scanProject(oneRoot(await tempTree(tree)), { filesExclude });
}

function reasons(result: ScanResult): Readonly<Record<string, string>> {
  return Object.fromEntries(result.leftOut.map(({ path, reason }) => [path, reason]));
}

describe('ignore files', () => {
  test('nested ones, negation, anchors and folders mean what they mean in git', async () => {
    const { paths, leftOut } = await scan({
      '.gitignore': '*.log\n/out/\n!keep.log\ntemp/\r\n# a comment\n\n\\#odd.ts\n',
      'a.log': 'x',
      'keep.log.ts': 'x',
      'out/a.ts': 'x',
      'src/out/a.ts': 'x',
      'src/.gitignore': 'gen/*\n!gen/kept.ts\n/only-here.ts\n!temp/\n',
      'src/gen/a.ts': 'x',
      'src/gen/kept.ts': 'x',
      'src/only-here.ts': 'x',
      'src/deep/only-here.ts': 'x',
      'src/temp/back.ts': 'x',
      'temp/gone.ts': 'x',
      '#odd.ts': 'x',
    });
    expect(paths).toEqual([
      '.gitignore',
      'keep.log.ts',
      'src/.gitignore',
      'src/deep/only-here.ts',
      'src/gen/kept.ts',
      'src/out/a.ts',
      'src/temp/back.ts',
    ]);
    expect(leftOut.map(({ path }) => path)).toEqual([
      '#odd.ts',
      'a.log',
      'out/',
      'src/gen/a.ts',
      'src/only-here.ts',
      'temp/',
    ]);
  });

  test('an own ignore file leaves out more, and brings nothing back', async () => {
    const { paths } = await scan({
      '.gitignore': 'ignored.ts\n',
      '.warmforkignore': '!ignored.ts\ndocs/\n',
      'ignored.ts': 'x',
      'docs/a.md': 'x',
      'a.ts': 'x',
    });
    expect(paths).toEqual(['.gitignore', '.warmforkignore', 'a.ts']);
  });

  test("the repository's own exclude file counts", async () => {
    const { paths } = await scan({ '.git/info/exclude': 'mine.ts\n', 'mine.ts': 'x', 'a.ts': 'x' });
    expect(paths).toEqual(['a.ts']);
  });

  test('names of folders are not patterns', async () => {
    const { paths } = await scan({
      'a[b]*/.gitignore': 'x.ts\n',
      'a[b]*/x.ts': 'x',
      'ab/x.ts': 'x',
      '!neg/.gitignore': '/y.ts\n',
      '!neg/y.ts': 'x',
    });
    expect(paths).toEqual(['!neg/.gitignore', 'a[b]*/.gitignore', 'ab/x.ts']);
  });

  test('a folder whose ignore file cannot be read is not shown', async () => {
    const files = oneRoot(
      await tempTree({ 'src/.gitignore': 'x.ts', 'src/x.ts': 'x', 'a.ts': 'x' }),
    );
    const unreadable: ProjectFiles = {
      ...{ roots: files.roots, list: (dir) => files.list(dir) },
      read: (path, maxBytes) =>
        path.endsWith('.gitignore') ? Promise.resolve(undefined) : files.read(path, maxBytes),
    };
    const result = await scanProject(unreadable, { filesExclude: [] });
    expect(result.paths).toEqual(['a.ts']);
    expect(reasons(result)['src/']).toBe('unreadable');
  });

  test('agrees with git on random trees and rules', async () => {
    const name = fc.constantFrom('a', 'a-b', 'b', 'c', 'ab', 'x.ts', 'y.ts', 'x.md');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const segment = fc.oneof(name, fc.constantFrom('*', '**', '*.ts', '?', '[ab]', 'a*', 'x.*'));
    const pattern = fc
      .tuple(
        fc.constantFrom('', '', '!'),
        fc.constantFrom('', '/'),
        fc.array(segment, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/')),
        fc.constantFrom('', '', '/', ' '),
      )
      .map((parts) => parts.join(''));
    const rules = fc.array(pattern, { maxLength: 4 }).map((lines) => lines.join('\n'));
    const folders = fc.constantFrom('', 'a/', 'b/', 'a/b/');
    const cases = fc.tuple(
      fc.array(path, { minLength: 1, maxLength: 8 }),
      fc.dictionary(folders, rules, { maxKeys: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([paths, ignoreFiles]) => {
        const tree: Record<string, string> = {};
        for (const [dir, text] of Object.entries(ignoreFiles)) tree[`${dir}.gitignore`] = text;
        for (const one of paths) tree[one] = 'x';
        const all = Object.keys(tree);
        // A path may not run through another file.
        fc.pre(!all.some((one) => all.some((other) => other.startsWith(`${one}/`))));
        const root = await tempTree(tree);
        const git = (...args: string[]): string =>
          execFileSync('git', ['-c', 'core.excludesFile=/dev/null', ...args], {
            cwd: root,
            encoding: 'utf8',
          });
        git('init', '-q');
        const listed = git('ls-files', '-z', '--others', '--exclude-standard')
          .split('\0')
          .filter(Boolean);
        const { paths: found } = await scanProject(oneRoot(root), { filesExclude: [] });
        expect(found).toEqual(listed.sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe('files.exclude', () => {
  const tree = {
    'a.log': 'x',
    'top.md': 'x',
    'docs/deep.md': 'x',
    'docs/old/x.md': 'x',
    'src/skip/a.ts': 'x',
    'src/a.test.ts': 'x',
    'src/a.ts': 'x',
  };

  test.each([
    ['**/docs', ['src/a.test.ts', 'src/a.ts', 'src/skip/a.ts', 'top.md']],
    ['docs/old/**', ['docs/deep.md', 'src/a.test.ts', 'src/a.ts', 'src/skip/a.ts', 'top.md']],
    ['*.md', ['docs/deep.md', 'docs/old/x.md', 'src/a.test.ts', 'src/a.ts', 'src/skip/a.ts']],
    ['**/*.{md,test.ts}', ['src/a.ts', 'src/skip/a.ts']],
    ['{docs,src/{skip,none}}', ['src/a.test.ts', 'src/a.ts', 'top.md']],
    ['**/skip/**', ['docs/deep.md', 'docs/old/x.md', 'src/a.test.ts', 'src/a.ts', 'top.md']],
    [
      'src/[!a].ts',
      ['docs/deep.md', 'docs/old/x.md', 'src/a.test.ts', 'src/a.ts', 'src/skip/a.ts', 'top.md'],
    ],
    ['**/*', []],
    ['', ['docs/deep.md', 'docs/old/x.md', 'src/a.test.ts', 'src/a.ts', 'src/skip/a.ts', 'top.md']],
  ])('%s', async (glob, expected) => {
    const result = await scan(tree, [glob]);
    expect(result.paths).toEqual(expected);
  });

  test('the reason is told', async () => {
    expect(reasons(await scan(tree, ['**/docs']))['docs/']).toBe('files.exclude');
  });
});

describe('what nobody wants', () => {
  test('is left out with its reason', async () => {
    const result = await scan({
      'node_modules/a/index.js': 'x',
      'vendor/a.go': 'x',
      'package-lock.json': '{}',
      'Cargo.lock': 'x',
      'jquery.min.js': 'x',
      'a.js.map': '{}',
      'api.pb.go': 'x',
      'logo.png': 'x',
      '.env': 'x',
      '.ssh/config': 'x',
      'token-ghp_0123456789abcdefghijABCDEFGHIJ.txt': 'x',
      'bad\nname.ts': 'x',
      'src/a.ts': 'x',
    });
    expect(result.paths).toEqual(['src/a.ts']);
    expect(reasons(result)).toEqual({
      'node_modules/': 'vendored',
      'vendor/': 'vendored',
      'package-lock.json': 'lock file',
      'Cargo.lock': 'lock file',
      'jquery.min.js': 'minified',
      'a.js.map': 'minified',
      'api.pb.go': 'generated',
      'logo.png': 'binary',
      '.env': 'secret',
      '.ssh/': 'secret',
      'token-ghp_0123456789abcdefghijABCDEFGHIJ.txt': 'secret',
      'bad\nname.ts': 'unsafe name',
    });
  });

  test('links are not followed, whatever they lead to', async () => {
    const outside = await tempTree({ 'secret-plan.ts': 'x' });
    const root = await tempTree({ 'a.ts': 'x' });
    await symlink(outside, join(root, 'folder'));
    await symlink(join(outside, 'secret-plan.ts'), join(root, 'file.ts'));
    await symlink('a.ts', join(root, 'inside.ts'));
    await symlink('.', join(root, 'loop'));
    const result = await scanProject(oneRoot(root), { filesExclude: [] });
    expect(result.paths).toEqual(['a.ts']);
    expect(Object.values(reasons(result))).toEqual(Array(4).fill('symbolic link'));
  });

  test('a folder that vanishes during the walk is told', async () => {
    const files = oneRoot(await tempTree({ 'gone/a.ts': 'x', 'a.ts': 'x' }));
    const vanishing: ProjectFiles = {
      ...{ roots: files.roots, read: (path, maxBytes) => files.read(path, maxBytes) },
      list: (dir) => files.list(dir === 'gone' ? 'really-gone' : dir),
    };
    const result = await scanProject(vanishing, { filesExclude: [] });
    expect(result.paths).toEqual(['a.ts']);
    expect(reasons(result)['gone/']).toBe('unreadable');
  });

  test('a walk ends at 20,000 files, at the same ones whatever the order', async () => {
    const entries = Array.from({ length: 20_002 }, (_, n) => ({
      ...{ name: `f${String(n)}.ts`, kind: 'file' as const },
    }));
    const files = (list: typeof entries): ProjectFiles => ({
      roots: [{ name: 'app' }],
      list: () => Promise.resolve(list),
      read: () => Promise.resolve(undefined),
    });
    const result = await scanProject(files(entries), { filesExclude: [] });
    expect(result.paths.length).toBe(20_000);
    expect(result.leftOut).toEqual([
      { path: 'f9998.ts', reason: 'too many files' },
      { path: 'f9999.ts', reason: 'too many files' },
    ]);
    expect(await scanProject(files(entries.toReversed()), { filesExclude: [] })).toEqual(result);
  });
});
