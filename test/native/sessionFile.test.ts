import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  Context,
  ExportedSequence,
  MappingMode,
  Model,
  SessionFile,
} from '../../native/index.d.ts';
import type { NativeModule } from '../../src/engine/native/loadNative.ts';
import {
  append,
  createContext,
  failureOf,
  loadLibrary,
  loadStandIn,
  sameFloats,
  someTokens,
} from './fixture.ts';

let native: NativeModule;
let model: Model;
let context: Context;
let directory: string;
let path: string;
let base: Int32Array;
let suffix: Int32Array;

beforeAll(async () => {
  ({ native } = await loadLibrary());
  model = await loadStandIn();
  base = someTokens(model, 150, 1);
  suffix = someTokens(model, 20, 2);
});

afterAll(() => model.close());

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warmfork-session-'));
  path = join(directory, 'a.session');
  context = await createContext(model);
});

afterEach(async () => {
  await context.close();
  rmSync(directory, { recursive: true });
  expect(native.sessionCounters().open).toBe(0);
});

function openContext(mode: MappingMode, of = context): Promise<SessionFile> {
  return native.SessionFile.open(of, path, { mode, scope: 'context' });
}

function openSequence(mode: MappingMode, of = context): Promise<SessionFile> {
  return native.SessionFile.open(of, path, { mode, scope: 'sequence' });
}

async function saveContext(): Promise<number> {
  await append(context, 0, base);
  const file = await openContext('readWrite');
  const size = await file.save(base);
  await file.sync();
  await file.close();
  return size;
}

/** What the suffix gives after the base without any file. */
async function uninterrupted(): Promise<Float32Array> {
  await append(context, 0, suffix);
  return context.lastLogits();
}

const digest = (): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a whole context', () => {
  it.each(['readOnly', 'readWrite', 'copyOnWrite'] as const)(
    'continues from a %s mapping as if it had never stopped',
    async (mode) => {
      const size = await saveContext();
      expect(statSync(path).size).toBe(size);
      expect(size).toBeLessThan(context.stateSizeMax);
      const expected = await uninterrupted();

      const later = await createContext(model);
      const file = await openContext(mode, later);
      expect(file.contentSize()).toBe(size);
      expect([...(await file.load())]).toEqual([...base]);
      expect(await later.maxPosition(0)).toBe(base.length - 1);
      await append(later, 0, suffix);

      expect(sameFloats(await later.lastLogits(), expected)).toBe(true);
      await file.close();
      await later.close();
    },
  );

  it('copy-on-write saves privately and never changes its file', async () => {
    const size = await saveContext();
    const before = digest();
    const file = await openContext('copyOnWrite');
    const checksum = await file.checksum();
    await append(context, 0, suffix);

    const both = Int32Array.of(...base, ...suffix);
    expect(await file.save(both)).toBeGreaterThan(size);
    expect(await file.checksum()).not.toBe(checksum);
    await context.clear();
    expect([...(await file.load())]).toEqual([...both]);
    expect(await context.maxPosition(0)).toBe(both.length - 1);
    expect(await failureOf(() => file.sync())).toMatchObject({ reason: 'read_only' });
    await file.close();

    expect(digest()).toBe(before);
  });

  it('the checksum is a function of the content', async () => {
    await saveContext();
    const reader = await openContext('readOnly');
    const first = await reader.checksum();
    await reader.close();
    const again = await openContext('copyOnWrite');

    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await again.checksum()).toBe(first);
    await again.close();
  });

  it('read-only refuses to save; a new file has nothing to load', async () => {
    await saveContext();
    const reader = await openContext('readOnly');
    expect(await failureOf(() => reader.save(base))).toMatchObject({
      code: 'ERR_WARMFORK_SESSION',
      reason: 'read_only',
    });
    await reader.close();

    path = join(directory, 'new.session');
    const fresh = await openContext('readWrite');
    expect(fresh.contentSize()).toBe(0);
    expect(statSync(path).size).toBe(context.stateSizeMax);
    expect(await failureOf(() => fresh.load())).toMatchObject({ reason: 'absent' });
    expect(await failureOf(() => fresh.checksum())).toMatchObject({ reason: 'absent' });
    await fresh.close();
  });

  it('has one writer', async () => {
    const writer = await openContext('readWrite');
    expect(await failureOf(() => openContext('readWrite'))).toMatchObject({
      code: 'ERR_WARMFORK_SESSION',
      reason: 'locked',
    });
    await writer.close();
    await (await openContext('readWrite')).close();
  });

  it('a reader beside a writer gets a snapshot', async () => {
    await saveContext();
    const writer = await openContext('readWrite');
    const reader = await openContext('copyOnWrite');

    expect(writer.isSnapshot).toBe(false);
    expect(reader.isSnapshot).toBe(true);
    expect([...(await reader.load())]).toEqual([...base]);
    await reader.close();
    await writer.close();
  });
});

describe('one sequence', () => {
  it('an overlay on a base equals the uninterrupted run', async () => {
    await append(context, 0, base);
    await append(context, 0, someTokens(model, 40, 3));
    await context.copySequence(0, 3, base.length, -1);
    const file = await openSequence('readWrite');
    const overlay = someTokens(model, 40, 3);
    const size = await file.save(overlay, 3);
    await file.close();
    const expected = await uninterrupted();

    const later = await createContext(model);
    await append(later, 0, base);
    const reader = await openSequence('copyOnWrite', later);
    expect([...(await reader.load(1))]).toEqual([...overlay]);
    expect(await later.minPosition(1)).toBe(base.length);
    await later.copySequence(0, 1, -1, -1);
    await append(later, 1, suffix);

    expect(sameFloats(await later.lastLogits(), expected)).toBe(true);
    expect(size).toBe(statSync(path).size);
    expect(size).toBeLessThan(context.stateSizeMax / 10);
    await reader.close();
    await later.close();
  });

  it('claims no more disk than its cells need', async () => {
    const options = { mode: 'readWrite', scope: 'sequence', maxCells: 32 } as const;
    await append(context, 0, suffix);
    await append(context, 1, base);

    const file = await native.SessionFile.open(context, path, options);
    expect(statSync(path).size).toBeLessThan(context.stateSizeMax / 8);
    expect(await file.save(suffix, 0)).toBeGreaterThan(0);
    expect(await failureOf(() => file.save(base, 1))).toMatchObject({ reason: 'no_room' });
    expect(file.contentSize()).toBeGreaterThan(0);
    await file.close();
  });

  it('is refused where there are too few free cells', async () => {
    await append(context, 0, base);
    const file = await openSequence('readWrite');
    await file.save(base, 0);
    await append(context, 1, someTokens(model, 850));

    expect(await failureOf(() => file.load(2))).toMatchObject({ reason: 'refused' });
    expect(await context.maxPosition(2)).toBe(-1);
    expect(await context.maxPosition(1)).toBe(849);
    await file.close();
  });

  it('is another kind of file than a context', async () => {
    await saveContext();
    expect(await failureOf(() => openSequence('readOnly'))).toMatchObject({ reason: 'bad_magic' });
    const file = await openContext('readOnly');
    expect(await failureOf(() => file.load(0))).toMatchObject({ code: 'ERR_WARMFORK_ARGUMENT' });
    await file.close();
  });
});

describe('what is not a session file', () => {
  it.each([
    ['missing', 'not_found', (): void => undefined],
    ['empty', 'absent', (): void => writeFileSync(path, '', { mode: 0o600 })],
    [
      'text',
      'bad_magic',
      (): void => writeFileSync(path, 'hello world '.repeat(9), { mode: 0o600 }),
    ],
  ] as const)('%s is %s', async (_, reason, prepare) => {
    prepare();
    expect(await failureOf(() => openContext('readOnly'))).toMatchObject({
      code: 'ERR_WARMFORK_SESSION',
      reason,
    });
  });

  it('cut short is bad_size, and the context stays as it was', async () => {
    const size = await saveContext();
    truncateSync(path, size - 100);

    expect(await failureOf(() => openContext('copyOnWrite'))).toMatchObject({ reason: 'bad_size' });
    expect(await context.maxPosition(0)).toBe(base.length - 1);
  });

  it('of other K/V types is incompatible', async () => {
    await saveContext();
    const quantised = await createContext(model, { kvType: 'q8_0' });

    expect(await failureOf(() => openContext('readOnly', quantised))).toMatchObject({
      reason: 'incompatible',
    });
    await quantised.close();
  });
});

describe('lifetimes', () => {
  it('close waits for what is queued and reports nothing lost', async () => {
    await append(context, 0, base);
    const file = await openContext('readWrite');
    const saved = file.save(base);
    const synced = file.sync();
    const sum = file.checksum();
    const closed = file.close();

    await Promise.all([synced, sum, closed]);
    expect(await saved).toBe(statSync(path).size);
    const reader = await openContext('readOnly');
    expect(await reader.checksum()).toBe(await sum);
    await reader.close();
  });

  it('close waits for the copy that is to be written, behind those of other files', async () => {
    await append(context, 0, base);
    const paths = [0, 1, 2, 3].map((one) => `${path}.${one}`);
    const queued = await Promise.all(
      paths.map(async (one) => {
        const options = { mode: 'readWrite', scope: 'sequence', maxCells: base.length } as const;
        const file = await native.SessionFile.open(context, one, options);
        return { file, state: await context.exportSequence(0) };
      }),
    );
    const done = queued.map(({ file, state }) =>
      Promise.all([file.saveExported(base, state), file.checksum(), file.close()]),
    );
    for (const [at, [written, sum]] of (await Promise.all(done)).entries()) {
      expect(written).toBe(statSync(paths[at]!).size);
      const how = { mode: 'readOnly', scope: 'sequence' } as const;
      const reader = await native.SessionFile.open(context, paths[at]!, how);
      expect(await reader.checksum()).toBe(sum);
      await reader.close();
    }
  });

  it('the context may be closed first', async () => {
    await append(context, 0, base);
    const file = await openContext('readWrite');
    const size = await file.save(base);
    await context.close();

    expect(() => file.load()).toThrow(expect.objectContaining({ code: 'ERR_WARMFORK_CLOSED' }));
    expect(file.contentSize()).toBe(size);
    await file.sync();
    await file.close();
    expect(statSync(path).size).toBe(size);
  });
});

describe('a sequence that was copied out of the context', () => {
  it.each(['mapped', 'plain'] as const)(
    'is what was copied, whatever became of the sequence (%s file)',
    async (kind) => {
      await append(context, 0, base);
      const expected = await uninterrupted();
      const both = Int32Array.of(...base, ...suffix);
      const state = await context.exportSequence(0);
      await context.clear();
      await append(context, 0, suffix); // the cells have others now
      const size = await save(kind, both, state);
      expect(statSync(path).size).toBe(size);

      const later = await createContext(model);
      const file = await openSequence('readOnly', later);
      expect([...(await file.load(2))]).toEqual([...both]);
      await later.removeSequence(2, base.length, -1);
      await append(later, 2, suffix);
      expect(sameFloats(await later.lastLogits(), expected)).toBe(true);
      await file.close();
      await later.close();
    },
  );

  it('is copied once into the file, which waits for the disk twice, and is spent then', async () => {
    await append(context, 0, base);
    const state = await context.exportSequence(0);
    const before = native.sessionCounters();
    const size = await save('mapped', base, state);
    const after = native.sessionCounters();
    const head = 12 + 4 * base.length;
    expect(after.bytesSaved - before.bytesSaved).toBe(size - head);
    expect(after.bytesCopied - before.bytesCopied).toBe(size);
    expect(after.syncs - before.syncs).toBe(2);
    const again = await failureOf(() => context.saveExportedFile(path, state, base));
    expect(again).toMatchObject({ code: 'ERR_WARMFORK_ARGUMENT' });
    expect(statSync(path).size).toBe(size);
  });

  it.each([1, 150, 170])(
    'goes into memory made ready for %i cells, or other memory',
    async (cells) => {
      await append(context, 0, base);
      await context.prepareExport(cells);
      await save('mapped', base, await context.exportSequence(0));
      const prepared = digest();
      await save('mapped', base, await context.exportSequence(0));
      expect(digest()).toBe(prepared);
    },
  );

  it('is no content of a file for a whole context', async () => {
    await append(context, 0, base);
    const state = await context.exportSequence(0);
    const file = await openContext('readWrite');
    expect(await failureOf(() => file.saveExported(base, state))).toMatchObject({
      code: 'ERR_WARMFORK_ARGUMENT',
    });
    await file.close();
  });

  async function save(
    kind: 'mapped' | 'plain',
    tokens: Int32Array,
    state: ExportedSequence,
  ): Promise<number> {
    if (kind === 'plain') {
      const written = await context.saveExportedFile(path, state, tokens);
      chmodSync(path, 0o600);
      return written;
    }
    const options = { mode: 'readWrite', scope: 'sequence', maxCells: tokens.length } as const;
    const file = await native.SessionFile.open(context, path, options);
    const written = await file.saveExported(tokens, state);
    await file.close();
    return written;
  }
});
