/** The fallback without mapping: llama.cpp's own files, the same format, the same checks. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context, Model } from '../../native/index.d.ts';
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
let base: Int32Array;
let suffix: Int32Array;

beforeAll(async () => {
  ({ native } = await loadLibrary());
  model = await loadStandIn();
  context = await createContext(model);
  directory = mkdtempSync(join(tmpdir(), 'warmfork-state-'));
  base = someTokens(model, 120, 1);
  suffix = someTokens(model, 20, 2);
});

afterAll(async () => {
  await context.close();
  await model.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => context.clear());

describe('files of llama.cpp', () => {
  it('bring a whole context back', async () => {
    const path = join(directory, 'context');
    await append(context, 0, base);
    const size = await context.saveFile(path, base);
    await append(context, 0, suffix);
    const expected = await context.lastLogits();

    await context.clear();
    expect([...(await context.loadFile(path))]).toEqual([...base]);
    await append(context, 0, suffix);

    expect(size).toBe(statSync(path).size);
    expect(sameFloats(await context.lastLogits(), expected)).toBe(true);
  });

  it('bring a sequence back under another id', async () => {
    const path = join(directory, 'sequence');
    await append(context, 0, base);
    const size = await context.saveSequenceFile(path, 0, base);
    await append(context, 0, suffix);
    const expected = await context.lastLogits();

    await context.clear();
    expect([...(await context.loadSequenceFile(path, 2))]).toEqual([...base]);
    await append(context, 2, suffix);

    expect(size).toBe(statSync(path).size);
    expect(await context.maxPosition(0)).toBe(-1);
    expect(sameFloats(await context.lastLogits(), expected)).toBe(true);
  });

  it('are the files that mappings write', async () => {
    const path = join(directory, 'llama');
    const mappedPath = join(directory, 'mapped');
    await append(context, 0, base);
    await context.saveFile(path, base);
    const options = { mode: 'readWrite', scope: 'context' } as const;
    const mapped = await native.SessionFile.open(context, mappedPath, options);
    await mapped.save(base);
    await mapped.close();

    expect(readFileSync(path).equals(readFileSync(mappedPath))).toBe(true);
  });

  it('of no tokens and no cells are fine', async () => {
    const path = join(directory, 'empty');
    await context.saveFile(path, new Int32Array(0));
    expect(await context.loadFile(path)).toHaveLength(0);
    expect(await context.maxPosition(0)).toBe(-1);
  });
});

describe('bad files are refused before llama.cpp sees them', () => {
  let good: Buffer;
  const path = (): string => join(directory, 'bad');

  beforeAll(async () => {
    await context.clear();
    await append(context, 0, base);
    await context.saveSequenceFile(path(), 0, base);
    good = readFileSync(path());
  });

  async function reasonFor(bytes: Buffer): Promise<string | undefined> {
    writeFileSync(path(), bytes);
    await append(context, 0, suffix);
    const { code, reason } = await failureOf(() => context.loadSequenceFile(path(), 1));
    expect(code).toBe('ERR_WARMFORK_SESSION');
    expect(await context.maxPosition(0)).toBe(suffix.length - 1);
    expect(await context.maxPosition(1)).toBe(-1);
    return reason;
  }

  it.each([
    ['cut short', 'bad_size', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['too long', 'bad_size', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['another magic', 'bad_magic', (bytes: Buffer) => patched(bytes, 0, 0x12345678)],
    ['another version', 'bad_version', (bytes: Buffer) => patched(bytes, 4, 99)],
    ['no content', 'absent', (bytes: Buffer) => patched(bytes, 0, 0)],
    ['2^32 tokens', 'bad_size', (bytes: Buffer) => patched(bytes, 8, 0xffffffff)],
    ['an unknown token', 'bad_tokens', (bytes: Buffer) => patched(bytes, 12, 0x7fffffff)],
  ] as const)('%s: %s', async (_, reason, damage) => {
    expect(await reasonFor(damage(good))).toBe(reason);
  });

  it('with any word of the cell table destroyed', async () => {
    const payload = 12 + 4 * base.length;
    for (let offset = payload; offset < payload + 64; offset += 4) {
      await context.clear();
      expect(await reasonFor(patched(good, offset, 0xfffffff0)), `word at ${offset}`).toMatch(
        /^(bad_|incompatible)/,
      );
    }
  });

  it('that do not exist, or are folders', async () => {
    const missing = await failureOf(() => context.loadFile(join(directory, 'nothing')));
    expect(missing).toMatchObject({ code: 'ERR_WARMFORK_SESSION', reason: 'not_found' });
    const folder = await failureOf(() => context.loadFile(directory));
    expect(folder).toMatchObject({ reason: 'not_regular' });
    const unwritable = await failureOf(() => context.saveFile(join(directory, 'no', 'dir'), base));
    expect(unwritable).toMatchObject({ code: 'ERR_WARMFORK_SESSION', reason: 'io' });
  });
});

function patched(bytes: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(value, offset);
  return copy;
}
