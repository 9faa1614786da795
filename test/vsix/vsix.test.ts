import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allGrammarNames } from '../../src/syntax/grammarFiles.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import { run } from '../../scripts/lib/processes.ts';
import { packagePath, stageFolder } from '../../scripts/package/package.ts';
import { aboveFloor, floorOf, needsOf } from '../../scripts/package/portability.ts';
import { hereTarget } from '../../scripts/package/targets.ts';
import { NetworkTrace } from '../ui/harness/networkTrace.ts';
import { Session } from '../ui/harness/session.ts';
import { until } from '../ui/harness/until.ts';
import type { Workbench } from '../ui/harness/workbench.ts';
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
      'THIRD_PARTY_NOTICES.txt',
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

  it("holds this platform's native code and no other's", () => {
    const { libraries } = hereTarget();
    const native = names.filter((name) => /\.(node|so[.\d]*|dll|dylib)$/.test(name));
    const folders = native.map((name) => /@node-llama-cpp\/([^/]+)/.exec(name)?.[1] ?? name);
    expect([...new Set(folders)].sort()).toEqual(
      ['extension/dist/native/warmfork.node', ...libraries].sort(),
    );
  });

  it('asks for nothing that was bundled', () => {
    const manifest = JSON.parse(
      readFileSync(join(stageFolder(), 'package.json'), 'utf8'),
    ) as object;
    for (const key of ['dependencies', 'devDependencies', 'scripts', 'private']) {
      expect(manifest).not.toHaveProperty(key);
    }
  });

  it.runIf(process.platform === 'linux')(
    "runs on every system that node-llama-cpp's libraries run on",
    async () => {
      const dist = join(stageFolder(), 'dist');
      const libraries = join(dist, 'node_modules/@node-llama-cpp', hereTarget().libraries[0]!);
      const needs = await needsOf(join(dist, 'native/warmfork.node'));
      expect(needs.get('GLIBC')).toBeDefined();
      expect(aboveFloor(needs, await floorOf(libraries))).toEqual([]);
    },
  );

  it('is compiled for the baseline of its processor', () => {
    const build = inRoot('build/cmake/build.ninja');
    const flags = statSync(build, { throwIfNoEntry: false }) && readFileSync(build, 'utf8');
    expect(flags ?? '').not.toMatch(/-m(arch|cpu|tune|avx\S*|sse\S*)=?|\/arch:/);
  });
});

describe('the notices', () => {
  const notices = readFileSync(join(stageFolder(), 'THIRD_PARTY_NOTICES.txt'), 'utf8');
  const heads = [...notices.matchAll(/^={80}\n(.+) \S+ \(.*\)\n={80}$/gm)].map(([, name]) => name);
  const headed = new Set(heads);

  it('name every package that is copied', () => {
    const copied = listZip(readFileSync(packagePath()))
      .map((name) => /^extension\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name))
      .flatMap((match) => match?.[1] ?? []);
    expect(copied.length).toBeGreaterThan(20);
    const names = copied.map((folder) => folder.split('node_modules/').at(-1));
    expect(names.filter((name) => !headed.has(name))).toEqual([]);
  });

  it('name every package that the extension depends on, in bundles or compiled in', () => {
    const manifest = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    // Types alone are not shipped.
    const wanted = Object.keys(manifest.dependencies).filter((name) => !name.endsWith('-types'));
    expect(wanted.filter((name) => !headed.has(name))).toEqual([]);
  });

  it('name llama.cpp, what it contains, and the grammars', () => {
    expect([...headed]).toEqual(
      expect.arrayContaining([
        'llama.cpp and ggml',
        'llama.cpp: cpp-httplib',
        'llama.cpp: jsonhpp',
      ]),
    );
    const grammars = allGrammarNames().map((name) => `tree-sitter-${name}`);
    expect(grammars.filter((name) => !headed.has(name))).toEqual([]);
  });

  it('give each a text', () => {
    const texts = notices.split(/^={80}\n.+\n={80}$/m).slice(1);
    expect(texts).toHaveLength(heads.length);
    expect(texts.filter((text) => text.trim().length < 30)).toEqual([]);
  });
});

describe('in an empty profile, without a network', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'vsix', fresh: true, traceNetwork: true });
  });
  afterAll(() => session.stop());

  it.runIf(process.env['WARMFORK_OFFLINE'])('has no way out of this machine', () => {
    expect(Object.keys(networkInterfaces())).toEqual(['lo']);
  });

  it('offers ghost text to who types before there is an engine, and becomes warm', async () => {
    const { workspace: folder } = session;
    const use = async (workbench: Workbench): Promise<void> => {
      const shown = Date.now();
      // When the page was asked for: starting a browser is no part of it.
      const opened = Number(await workbench.page.evaluate('performance.timeOrigin'));
      await workbench.focusEditor();
      await workbench.press('Control+End');
      await workbench.type('export function ');
      const typed = Date.now();
      expect(await workbench.ghostText(60_000)).not.toBe('');
      const ghostText = Date.now();
      expect(await session.trace.next('base')).toMatchObject({ source: 'evaluated' });
      await workbench.untilStatus(/Warmfork.*stand-in/);
      report({
        shown: shown - opened,
        typed: typed - opened,
        ghostText: ghostText - opened,
        warm: Date.now() - opened,
      });
      expect(await workbench.notifications()).toEqual([]);
    };
    await session.window('vsix', use, { folder, openFile: join(folder, editedFile) });
  });

  it('never tries to reach another machine', ({ skip }) => {
    if (session.network === undefined) return skip('there is no strace');
    expect(session.network.abroad()).toEqual([]);
  });

  it('would have been seen trying', async ({ skip }) => {
    if (session.network === undefined) return skip('there is no strace');
    const network = new NetworkTrace(join(session.folder, 'control.txt'));
    const [command = '', ...args] = network.prefix;
    // A grandchild and its threads: one address here, one of the block that belongs to nobody, one name.
    const program = `
      const { connect } = require('node:net');
      for (const host of ['127.0.0.1', '192.0.2.1', 'warmfork.invalid']) {
        connect(9, host).on('error', () => {}).unref();
      }
      setTimeout(() => {}, 200);`;
    await run(command, [...args, 'sh', '-c', '"$0" -e "$1" & wait', process.execPath, program]);
    const attempts = await until('the control in the trace', () => {
      return network.abroad().length > 0 && network.attempts();
    });
    expect(attempts.join('\n')).toContain('127.0.0.1');
    expect(network.abroad().join('\n')).toContain('192.0.2.1');
  });
});

/** Milliseconds since the window was opened: told, not judged, since it is the machine's load that decides. */
function report(times: Readonly<Record<'shown' | 'typed' | 'ghostText' | 'warm', number>>): void {
  console.log(
    `fresh profile: workbench after ${Math.round(times.shown)} ms, text typed after ${Math.round(times.typed)} ms, ghost text after ${Math.round(times.ghostText)} ms, warm after ${Math.round(times.warm)} ms`,
  );
  mkdirSync(inRoot('test-results'), { recursive: true });
  writeFileSync(inRoot('test-results/first-minute.json'), JSON.stringify(times));
}
