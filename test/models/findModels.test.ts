import { symlinkSync } from 'node:fs';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModel } from '../../src/models/files/checkModel.ts';
import { findModels } from '../../src/models/files/findModels.ts';
import { modelPlaces } from '../../src/models/files/places.ts';
import { walkFiles } from '../../src/models/files/walk.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import { writeFile, writeGguf } from './ggufFile.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'warmfork-models-'));
});
afterEach(() => rm(home, { recursive: true }));

async function sentence(path: string): Promise<string> {
  const check = await checkModel(path);
  return check.kind === 'unusable' ? check.sentence : `usable: ${JSON.stringify(check.file.facts)}`;
}

describe('a model file', () => {
  it('tells name, architecture, quantisation, context and whether it can fill in', async () => {
    expect(await checkModel(inRoot('models/stand-in.gguf'))).toMatchObject({
      kind: 'usable',
      file: {
        parts: 1,
        facts: {
          name: 'Warmfork stand-in',
          architecture: 'llama',
          quantisation: 'Q8_0',
          contextTokens: 32_768,
          fim: true,
          standIn: true,
        },
      },
    });
    const fim = async (tokens: readonly string[]) => {
      const check = await checkModel(writeGguf(join(home, 'a.gguf'), { tokens }));
      return check.kind === 'usable' && check.file.facts.fim;
    };
    expect(await fim(['x', '<PRE>'])).toBe(true);
    expect(await fim(['x', '<PRE>x'])).toBe(false);
  });

  it('that is split counts as one', async () => {
    for (const part of [1, 2, 3]) writeGguf(join(home, `m-0000${part}-of-00003.gguf`));
    const size = (await checkModel(writeGguf(join(home, 'one.gguf')))) as {
      file: { sizeBytes: number };
    };
    // Whichever part was chosen.
    expect(await checkModel(join(home, 'm-00002-of-00003.gguf'))).toMatchObject({
      kind: 'usable',
      file: {
        path: join(home, 'm-00001-of-00003.gguf'),
        parts: 3,
        sizeBytes: 3 * size.file.sizeBytes,
      },
    });
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['is missing', () => undefined, /^There is no model file .*m\.gguf: choose another\.$/],
    ['is a folder', (path) => void writeFile(join(path, 'x'), ''), /it is not a file/],
    ['is empty', (path) => void writeFile(path, ''), /"m\.gguf" cannot be used .*cut off/],
    [
      'is a web page',
      (path) => void writeFile(path, '<!doctype html>'.repeat(9)),
      /begin with "GGUF"/,
    ],
    [
      'is cut off',
      (path) => void writeGguf(path, { cut: 1 }),
      /^"m\.gguf" is cut off, it has .* KB: download/,
    ],
    [
      'is cut off in its header',
      (path) => void writeGguf(path, { cut: 3500 }),
      /header is cut off/,
    ],
    [
      'is a vision part',
      (path) => void writeGguf(path, { architecture: 'clip' }),
      /vision part .*: choose/,
    ],
    [
      'embeds',
      (path) => void writeGguf(path, { architecture: 'bert' }),
      /embedding model \(bert\)/,
    ],
    ['has no vocabulary', (path) => void writeGguf(path, { tokens: [] }), /no vocabulary/],
  ])('that %s gives one sentence that says what to do', async (_what, make, expected) => {
    const path = join(home, 'm.gguf');
    make(path);
    const words = await sentence(path);
    expect(words).toMatch(expected);
    expect(words).toMatch(/choose|download it again|folder/i);
  });

  it('without one of its parts, or with a part cut off, says which', async () => {
    const first = writeGguf(join(home, 'm-00001-of-00003.gguf'));
    writeGguf(join(home, 'm-00003-of-00003.gguf'), { cut: 10 });
    expect(await sentence(first)).toMatch(/part 2 of 3 is missing: put all parts into one folder/);
    writeGguf(join(home, 'm-00002-of-00003.gguf'));
    expect(await sentence(first)).toMatch(/"m-00003-of-00003\.gguf" is cut off/);
  });
});

describe('models of other programs', () => {
  const found = async (env: Record<string, string> = {}) => {
    const models = await findModels(join(home, 'own'), { home, platform: 'linux', env });
    return models.map(({ source, check }) =>
      check.kind === 'usable'
        ? `${source}: ${check.file.facts.name}`
        : `${source}: ${check.sentence}`,
    );
  };

  it('are found in their folders, each once', async () => {
    writeGguf(join(home, 'own/mine.gguf'), { name: 'Mine' });
    const studio = join(home, '.lmstudio/models/maker/repo/studio.gguf');
    writeGguf(studio, { name: 'Studio' });
    writeGguf(join(home, '.lmstudio/models/maker/repo/mmproj-studio.gguf'), { name: 'Vision' });
    writeGguf(join(home, '.cache/lm-studio/models/old.gguf'), { name: 'Old Studio' });
    writeGguf(join(home, '.cache/llama.cpp/cpp-00001-of-00002.gguf'), { name: 'Cpp' });
    writeGguf(join(home, '.cache/llama.cpp/cpp-00002-of-00002.gguf'));
    // As Hugging Face's cache does: names are links to blobs, and two revisions share one.
    const hub = join(home, '.cache/huggingface/hub/models--a--b');
    const blob = writeGguf(join(hub, 'blobs/abc'), { name: 'Hub' });
    for (const revision of ['r1', 'r2']) {
      await mkdir(join(hub, 'snapshots', revision), { recursive: true });
      symlinkSync(blob, join(hub, 'snapshots', revision, 'hub.gguf'));
    }
    symlinkSync(studio, join(home, '.cache/llama.cpp/same.gguf'));
    const digest = `sha256:${'ab'.repeat(32)}`;
    const model = { mediaType: 'application/vnd.ollama.image.model', digest };
    const manifests = join(home, '.ollama/models/manifests/registry.ollama.ai/library');
    writeFile(join(manifests, 'coder/7b'), JSON.stringify({ layers: [model] }));
    writeFile(join(manifests, 'coder/broken'), '{"layers": [');
    writeFile(
      join(manifests, 'coder/evil'),
      JSON.stringify({ layers: [{ ...model, digest: '../../x' }] }),
    );
    writeGguf(join(home, '.ollama/models/blobs', digest.replace(':', '-')), { name: 'x' });
    expect((await found()).sort()).toEqual([
      'Hugging Face: Hub',
      'LM Studio: Old Studio',
      'LM Studio: Studio',
      'Ollama: coder:7b',
      'download: Mine',
      'llama.cpp: Cpp',
    ]);
  });

  it('are found where the environment says', async () => {
    writeGguf(join(home, 'x/cpp/a.gguf'), { name: 'A' });
    writeGguf(join(home, 'x/hf/hub/models--u--r/snapshots/1/b.gguf'), { name: 'B' });
    const digest = `sha256:${'cd'.repeat(32)}`;
    const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest }];
    writeFile(
      join(home, 'x/ol/manifests/registry.ollama.ai/library/m/latest'),
      JSON.stringify({ layers }),
    );
    writeGguf(join(home, 'x/ol/blobs', digest.replace(':', '-')));
    const env = {
      LLAMA_CACHE: join(home, 'x/cpp'),
      HF_HOME: join(home, 'x/hf'),
      OLLAMA_MODELS: join(home, 'x/ol'),
    };
    expect(await found(env)).toEqual(['llama.cpp: A', 'Hugging Face: B', 'Ollama: m:latest']);
  });

  it('that are damaged are listed with their sentence', async () => {
    writeGguf(join(home, '.lmstudio/models/bad.gguf'), { cut: 1 });
    expect(await found()).toEqual([expect.stringMatching(/^LM Studio: "bad\.gguf" is cut off/)]);
  });

  it('are looked for where each system has them', () => {
    const folders = (platform: NodeJS.Platform, env = {}) =>
      modelPlaces({ home: '/h', platform, env }).map(({ folder }) => folder);
    expect(folders('darwin')).toContain(join('/h', 'Library', 'Caches', 'llama.cpp'));
    expect(folders('win32', { LOCALAPPDATA: '/l' })).toContain(join('/l', 'llama.cpp'));
    expect(folders('linux', { XDG_CACHE_HOME: '/c' })).toContain(join('/c', 'huggingface', 'hub'));
  });

  it('are not looked for without end', async () => {
    const folder = join(home, 'loop');
    writeFile(join(folder, 'a/b/c/d/deep.gguf'), '');
    symlinkSync(folder, join(folder, 'a', 'again'));
    for (let i = 0; i < 20; i++) writeFile(join(folder, `many/${i}`), '');
    const walk = async (limits?: { depth: number; entries: number }) => {
      const files: string[] = [];
      for await (const file of walkFiles(folder, limits)) files.push(file);
      return files.length;
    };
    expect(await walk()).toBe(21);
    expect(await walk({ depth: 3, entries: 1000 })).toBe(20);
    expect(await walk({ depth: 9, entries: 10 })).toBeLessThan(10);
  });
});
