import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context, ContextOptions, ImageFiles, Model } from '../../native/index.d.ts';
import {
  append,
  createContext,
  defaultContext,
  failureOf,
  loadLibrary,
  loadStandIn,
  sameFloats,
  someTokens,
} from './fixture.ts';

let model: Model;
let folder: string;
const open: Context[] = [];

beforeAll(async () => {
  model = await loadStandIn();
});

afterAll(() => model.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warmfork-image-'));
});

afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
  rmSync(folder, { recursive: true });
});

function kept(context: Context): Context {
  open.push(context);
  return context;
}

function filesOf(name = 'base', identity = 'this base'): ImageFiles {
  return {
    cellsPath: join(folder, `${name}.cells`),
    metaPath: join(folder, `${name}.meta`),
    identity,
  };
}

/** Evaluates `tokens` in a plain context and writes the image of what it then holds, in pieces of `piece` cells. */
async function buildImage(
  tokens: Int32Array,
  options: Partial<ContextOptions> = {},
  piece = 64,
): Promise<{ readonly plain: Context; readonly files: ImageFiles; readonly checksum: string }> {
  const { native } = await loadLibrary();
  const plain = kept(await createContext(model, options));
  await append(plain, 0, tokens);
  const building = await native.Context.createForImage(plain);
  for (let from = 0; from < tokens.length; from += piece) {
    const to = Math.min(from + piece, tokens.length);
    await plain.copySequence(0, 2, from, to);
    const state = await plain.exportSequence(2);
    await plain.removeSequence(2, -1, -1);
    await building.importSequence(state, 1);
    await building.copySequence(1, 0, from, to);
    await building.removeSequence(1, -1, -1);
  }
  const files = filesOf();
  const { checksum } = await building.writeImage(files, tokens);
  await building.close();
  return { plain, files, checksum };
}

async function openImage(
  files: ImageFiles,
  options: Partial<ContextOptions> = {},
): Promise<{ readonly context: Context; readonly tokens: Int32Array; readonly checksum: string }> {
  const { native } = await loadLibrary();
  const opened = await native.Context.openImage(model, { ...defaultContext, ...options }, files);
  kept(opened.context);
  return opened;
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

async function forkedLogits(context: Context, suffix: Int32Array): Promise<Float32Array> {
  await context.copySequence(0, 1, -1, -1);
  await append(context, 1, suffix);
  return context.lastLogits();
}

describe('a base mapped in place', () => {
  for (const options of [
    { kvType: 'f16', nCtx: 2048 },
    { kvType: 'q8_0', nCtx: 2048 },
    { kvType: 'f16', nCtx: 65_536 },
  ] as const) {
    it(`gives the logits of the context it was made from (${options.kvType}, ${options.nCtx} cells)`, async () => {
      const tokens = someTokens(model, 300);
      const suffix = someTokens(model, 20, 2);
      const { plain, files } = await buildImage(tokens, options);

      const opened = await openImage(files, options);

      expect(opened.tokens).toEqual(tokens);
      expect(await opened.context.maxPosition(0)).toBe(299);
      const expected = await forkedLogits(plain, suffix);
      expect(sameFloats(await forkedLogits(opened.context, suffix), expected)).toBe(true);
    });
  }

  it('stays as it is on the disk, whatever is done in its contexts', async () => {
    const { native } = await loadLibrary();
    const { files, checksum } = await buildImage(someTokens(model, 300));
    const before = hashOf(files.cellsPath);

    const { context } = await openImage(files);
    await forkedLogits(context, someTokens(model, 200, 3));
    await context.removeSequence(0, 100, -1);
    await append(context, 0, someTokens(model, 100, 4));
    await context.clear();
    await append(context, 0, someTokens(model, 500, 5));
    await context.close();

    expect(hashOf(files.cellsPath)).toBe(before);
    expect((await native.imageChecksum(files.cellsPath)).checksum).toBe(checksum);
  });

  it('serves several contexts that do not see each other', async () => {
    const tokens = someTokens(model, 300);
    const suffix = someTokens(model, 20, 2);
    const { plain, files } = await buildImage(tokens);
    const first = await openImage(files);
    const second = await openImage(files);

    await append(first.context, 0, someTokens(model, 300, 9));

    const expected = await forkedLogits(plain, suffix);
    expect(sameFloats(await forkedLogits(second.context, suffix), expected)).toBe(true);
  });

  it('takes session files above the base like any other context', async () => {
    const { native } = await loadLibrary();
    const tokens = someTokens(model, 300);
    const { plain, files } = await buildImage(tokens);
    const { context } = await openImage(files);
    await append(plain, 0, someTokens(model, 20, 2));
    await plain.copySequence(0, 3, 300, 320);
    const path = join(folder, 'overlay.session');
    const written = await native.SessionFile.open(plain, path, {
      mode: 'readWrite',
      scope: 'sequence',
    });
    await written.save(someTokens(model, 20, 2), 3);
    await written.close();

    const read = await native.SessionFile.open(context, path, {
      mode: 'copyOnWrite',
      scope: 'sequence',
    });
    await read.load(1);
    await read.close();
    await context.copySequence(0, 1, 0, 300);

    const next = someTokens(model, 5, 7);
    await append(plain, 0, next);
    await append(context, 1, next);
    expect(sameFloats(await context.lastLogits(), await plain.lastLogits())).toBe(true);
  });

  it('is sparse behind the base', async () => {
    const { files } = await buildImage(someTokens(model, 300), { nCtx: 65_536 });
    const { size, blocks } = statSync(files.cellsPath);
    expect(size).toBe(65_536 * 3072);
    expect(blocks * 512).toBeLessThan(300 * 3072 + 16 * 65_536);
  });
});

describe('an image that is not what it should be is never opened', () => {
  const damages: Record<string, (files: ImageFiles) => ImageFiles | undefined> = {
    'of another base': (files) => ({ ...files, identity: 'another base' }),
    'with truncated cells': (files) => {
      truncateSync(files.cellsPath, statSync(files.cellsPath).size - 4096);
      return undefined;
    },
    'with longer cells': (files) => {
      truncateSync(files.cellsPath, statSync(files.cellsPath).size + 4096);
      return undefined;
    },
    'with truncated metadata': (files) => {
      truncateSync(files.metaPath, statSync(files.metaPath).size - 1);
      return undefined;
    },
    'without metadata': (files) => ({ ...files, metaPath: `${files.metaPath}.missing` }),
    'without cells': (files) => ({ ...files, cellsPath: `${files.cellsPath}.missing` }),
    'with empty metadata': (files) => {
      writeFileSync(files.metaPath, '', { mode: 0o600 });
      return undefined;
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(what, async () => {
      const { files } = await buildImage(someTokens(model, 100));
      const damaged = damage(files) ?? files;
      const failure = await failureOf(() => openImage(damaged));
      expect(failure.code).toBe('ERR_WARMFORK_SESSION');
    });
  }

  it('with any flipped bit in its metadata', async () => {
    const { files } = await buildImage(someTokens(model, 40));
    const good = readFileSync(files.metaPath);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(files.metaPath, bad);
      const failure = await failureOf(() => openImage(files));
      expect(failure.code, `byte ${at}`).toBe('ERR_WARMFORK_SESSION');
    }
  });

  it('with another number of cells', async () => {
    const { files } = await buildImage(someTokens(model, 100));
    const failure = await failureOf(() => openImage(files, { nCtx: 2048 }));
    expect(failure).toMatchObject({ code: 'ERR_WARMFORK_SESSION', reason: 'incompatible' });
  });

  it('with another K/V type', async () => {
    const { files } = await buildImage(someTokens(model, 100));
    const failure = await failureOf(() => openImage(files, { kvType: 'q8_0' }));
    expect(failure.code).toBe('ERR_WARMFORK_SESSION');
  });
});

it('a flipped bit anywhere in the cells changes their checksum', async () => {
  const { native } = await loadLibrary();
  const { files, checksum } = await buildImage(someTokens(model, 100));
  const good = readFileSync(files.cellsPath);
  for (const at of [0, 1, 50_000, good.length / 2, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    writeFileSync(files.cellsPath, bad);
    expect((await native.imageChecksum(files.cellsPath)).checksum, `byte ${at}`).not.toBe(checksum);
  }
  writeFileSync(files.cellsPath, good);
  expect((await native.imageChecksum(files.cellsPath)).checksum).toBe(checksum);
});

it('images are written only from contexts made for it, and never over a file', async () => {
  const tokens = someTokens(model, 100);
  const { plain, files } = await buildImage(tokens);
  expect(await failureOf(() => plain.writeImage(filesOf('other'), tokens))).toMatchObject({
    code: 'ERR_WARMFORK_SESSION',
    reason: 'bad_argument',
  });
  const { native } = await loadLibrary();
  const building = kept(await native.Context.createForImage(plain));
  await building.importSequence(await plain.exportSequence(0), 0);
  expect(await failureOf(() => building.writeImage(files, tokens))).toMatchObject({
    code: 'ERR_WARMFORK_SESSION',
  });
  const wrong = await failureOf(() => building.writeImage(filesOf('other'), someTokens(model, 99)));
  expect(wrong.message).toContain('100 cells');
});

it('other contexts are made as ever while images are opened', async () => {
  const { files } = await buildImage(someTokens(model, 100));
  const [plain, opened] = await Promise.all([createContext(model), openImage(files)]);
  kept(plain);
  await append(plain, 0, someTokens(model, 10, 3));
  expect(await opened.context.maxPosition(0)).toBe(99);
  expect(
    (await failureOf(() => plain.writeImage(filesOf('x'), someTokens(model, 10, 3)))).code,
  ).toBe('ERR_WARMFORK_SESSION');
});
