/** The base mapped in place: the same answers without a copied cell, and every doubt about an image means the copy. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { NativeModule } from '../../src/engine/native/loadNative.ts';
import { loadNative } from '../../src/engine/native/loadNative.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
let native: NativeModule;

beforeEach(async () => {
  fixture = await Fixture.create();
  native = loadNative();
});
afterEach(() => fixture.remove());

/** The one file of the cache whose name ends so. */
function cached(ending: string): string | undefined {
  const found = readdirSync(fixture.storage, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(ending),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] && join(fixture.storage, found[0]);
}

function present(ending: string): string {
  const path = cached(ending);
  if (path === undefined) throw new Error(`there is no ${ending}`);
  return path;
}

/** The base is in place, and what is derived from it, when the engine is warm. */
async function warm(settings = {}, change = {}): Promise<Engine> {
  const engine = fixture.start(settings, change);
  const { state, base } = await engine.whenWarm();
  expect(state).toBe('ready');
  expect(base?.persisted).toBe(true);
  return engine;
}

/** An engine that has run and ended leaves base and image. */
async function leaveImage(settings = {}): Promise<void> {
  await (await warm(settings)).close();
  expect(existsSync(present('.cells'))).toBe(true);
}

const code = "import { add } from './add.ts';\n\nexport const twice = (n: number) => ║\n";

function answer(engine: Engine): Promise<string> {
  const request = fixture.at('src/twice.ts', code, { maxTokens: 12 });
  return engine.complete(request, never).then(({ text }) => text);
}

/** Log lines of restores since the fixture was made. */
function restores(): readonly string[] {
  return fixture.logs.filter((line) => line.includes('base restored'));
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe.each(['f16', 'q8_0'] as const)('a base mapped in place (%s)', (kvType) => {
  it('answers as a copied one does, and is there at the next start without a byte read', async () => {
    const copying = await warm({ kvType, baseInPlace: false });
    const expected = await answer(copying);
    expect(cached('.cells')).toBeUndefined();
    await copying.close();

    const first = await warm({ kvType });
    expect(await answer(first)).toBe(expected);
    await first.close();
    const hash = hashOf(present('.cells'));

    const before = native.sessionCounters();
    const second = await warm({ kvType });
    expect(restores().at(-1)).toContain('mapped in place');
    const { bytesLoaded, bytesCopied } = native.sessionCounters();
    expect({ bytesLoaded, bytesCopied }).toEqual({
      bytesLoaded: before.bytesLoaded,
      bytesCopied: before.bytesCopied,
    });
    expect(await second.counters()).toMatchObject({ basesRestored: 1, tokensEvaluated: 0 });
    await second.discardFile(fixture.at('src/twice.ts', code).uri);
    expect(await answer(second)).toBe(expected);
    expect(hashOf(present('.cells'))).toBe(hash);
  });
});

describe('an image that has gone', () => {
  it('is derived again while the copy serves, and overlays follow', async () => {
    await leaveImage();
    const { unlinkSync } = await import('node:fs');
    unlinkSync(present('.meta'));

    const engine = fixture.start();
    const expected = await answer(engine);
    await engine.whenWarm();
    expect(restores().at(-1)).toContain('copied');
    expect(existsSync(present('.meta'))).toBe(true);
    // The file's cells came along into the context on the image.
    const again = await engine.complete(fixture.at('src/twice.ts', code, { maxTokens: 12 }), never);
    expect(again.text).toBe(expected);
    expect(again.stats).toMatchObject({ evaluated: 1, sessionRestored: false });
    await engine.close();

    await warm();
    expect(restores().at(-1)).toContain('mapped in place');
  });
});

it('a swap to another context of the same base takes along where a person was before', async () => {
  const lines = Array.from({ length: 300 }, (_, at) => `export const value${at} = ${at};\n`);
  const [head, tail] = [lines.slice(0, 150).join(''), lines.slice(150).join('')];
  const below = fixture.at('src/long.ts', `${head}const sum = ║\n${tail}`, { maxTokens: 6 });
  const above = fixture.at('src/long.ts', `// new ║\n${head}const sum = \n${tail}`, {
    maxTokens: 6,
  });
  const engine = await warm();
  const first = await engine.complete(below, never);
  await engine.complete(above, never);
  // The base is written again, in a new context, and that one serves from then on.
  await engine.clear();
  expect((await engine.rebuildBase()).persisted).toBe(true);

  const again = await engine.complete(below, never);
  expect(again.text).toBe(first.text);
  expect(again.stats.evaluated).toBeLessThanOrEqual(3);
});

describe('an image that cannot be believed is never used', () => {
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 16;
    writeFileSync(path, bytes);
  };
  const damages: Record<string, () => void> = {
    'truncated cells': () => truncateSync(present('.cells'), statSync(present('.cells')).size - 1),
    'a flipped bit in the cells': () => flip(present('.cells'), 1000),
    'a flipped bit in a hole of the cells': () =>
      flip(present('.cells'), statSync(present('.cells')).size - 5),
    'truncated metadata': () => truncateSync(present('.meta'), 100),
    'a flipped bit in the metadata': () => flip(present('.meta'), 300),
    'no cells': () => truncateSync(present('.cells'), 0),
  };
  it.each(Object.keys(damages))('%s', async (what) => {
    await leaveImage();
    const good = hashOf(present('.cells'));
    const expected = await answer(await warm());
    await fixture.closeAll();
    damages[what]?.();

    const engine = await warm();
    expect(restores().at(-1)).toContain('copied');
    expect(fixture.logs.some((line) => line.includes('is not used:'))).toBe(true);
    await engine.discardFile(fixture.at('src/twice.ts', code).uri);
    expect(await answer(engine)).toBe(expected);
    expect((await engine.counters()).baseTokensEvaluated).toBe(0);
    // Derived again from the session file, the same to the last byte.
    expect(hashOf(present('.cells'))).toBe(good);
  });

  it('a stale one, of another evaluation of the same tokens', async () => {
    await leaveImage();
    const stale = { cells: readFileSync(present('.cells')), meta: readFileSync(present('.meta')) };
    await fixture.write(
      'src/add.ts',
      'export const add = (a: number, b: number) => b + a;\n'.repeat(9),
    );
    const engine = await warm();
    await engine.rebuildBase();
    await engine.close();
    const [newest] = readdirSync(fixture.storage, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.meta'))
      .map((path) => join(fixture.storage, path))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    writeFileSync(newest ?? '', stale.meta);
    writeFileSync((newest ?? '').replace(/meta$/, 'cells'), stale.cells);

    await warm();
    expect(restores().at(-1)).toContain('copied');
    expect(fixture.logs.some((line) => line.includes('of another base'))).toBe(true);
  });
});

describe('the ordinary copy', () => {
  it('is taken when the self-test finds another result, and the log says so', async () => {
    const engine = fixture.start({}, {}, undefined, async ({ cellsPath }) => {
      const bytes = readFileSync(cellsPath);
      for (let at = 0; at < bytes.length; at += 2) bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      writeFileSync(cellsPath, bytes);
    });
    expect((await engine.whenWarm()).base?.persisted).toBe(true);
    expect(fixture.logs).toContainEqual(
      expect.stringContaining('bases are copied: the self-test failed: a context on an image'),
    );
    expect(cached('.cells')).toBeUndefined();
    expect(await answer(engine)).not.toBe('');
  });

  it('is taken by setting', async () => {
    await warm({ baseInPlace: false });
    expect(fixture.logs).toContainEqual(expect.stringContaining('bases are copied: by setting'));
    expect(cached('.cells')).toBeUndefined();
  });
});
