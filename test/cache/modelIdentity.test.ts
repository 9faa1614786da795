import {
  appendFile,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CacheError } from '../../src/cache/cacheError.ts';
import { ggufHeaderLength } from '../../src/cache/ggufHeader.ts';
import { identifyModel, shardPaths } from '../../src/cache/modelIdentity.ts';
import { buildGgufHeader } from './ggufFixture.ts';

let directory = '';
let path = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warmfork-model-'));
  path = join(directory, 'model.gguf');
});
afterEach(() => rm(directory, { recursive: true }));

const header = buildGgufHeader({ tokens: ['a', 'bc', ''], tensors: ['w', 'b'] });
const notGguf: unknown = expect.objectContaining({ code: 'ERR_WARMFORK_NOT_GGUF' });

describe('the header', () => {
  test('ends exactly after the tensor infos', () => {
    const file = Buffer.concat([header, Buffer.alloc(100, 1)]);
    expect(ggufHeaderLength(file, file.length)).toBe(header.length);
  });

  test('asks for more bytes until it is complete', () => {
    for (let length = 0; length < header.length; length++) {
      expect(ggufHeaderLength(header.subarray(0, length), header.length)).toBeUndefined();
    }
  });

  test('of a file that is cut off anywhere is refused', () => {
    for (let length = 0; length < header.length; length++) {
      expect(() => ggufHeaderLength(header.subarray(0, length), length)).toThrow(notGguf);
    }
  });

  test('with any bytes changed is read or refused, never anything else', () => {
    const change = fc.tuple(fc.nat(header.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const forged = Buffer.from(header);
        for (const [offset, byte] of changes) forged[offset] = byte;
        try {
          const length = ggufHeaderLength(forged, forged.length);
          expect(length).toBeLessThanOrEqual(forged.length);
        } catch (error) {
          expect(error).toBeInstanceOf(CacheError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['another format', Buffer.from('PK\x03\x04 and so on, long enough for a header')],
    ['version 1', buildGgufHeader({ version: 1 })],
    ['a huge count of entries', buildGgufHeader({ entryCount: 2n ** 63n })],
    ['nested arrays', buildGgufHeader({ arrayType: 9 })],
    ['an unknown type', buildGgufHeader({ arrayType: 77 })],
  ])('of %s is refused', (_what, bytes) => {
    expect(() => ggufHeaderLength(bytes, bytes.length)).toThrow(notGguf);
  });
});

describe('the identity', () => {
  test('tells header, contents and size apart', async () => {
    const identify = async (bytes: Buffer) => {
      await writeFile(path, bytes);
      return identifyModel(path);
    };
    const first = await identify(Buffer.concat([header, Buffer.alloc(500, 1)]));
    expect(first.sizeBytes).toBe(header.length + 500);

    const otherWeights = await identify(Buffer.concat([header, Buffer.alloc(500, 2)]));
    expect(otherWeights.headerHash).toBe(first.headerHash);
    expect(otherWeights.contentHash).not.toBe(first.contentHash);

    const otherVocabulary = buildGgufHeader({ tokens: ['a', 'bd', ''], tensors: ['w', 'b'] });
    const changed = await identify(Buffer.concat([otherVocabulary, Buffer.alloc(500, 1)]));
    expect(changed.headerHash).not.toBe(first.headerHash);
    expect(changed.contentHash).toBe(first.contentHash);
  });

  test('of a large file sees its start, its samples and its end', async () => {
    const size = 4 * 1024 * 1024;
    await writeFile(path, Buffer.concat([header, Buffer.alloc(size)]));
    const identities = [await identifyModel(path)];
    const spacing = Math.floor((size - 16384) / 64);
    for (const offset of [0, spacing * 40 + 16383, size - 1]) {
      await setByte(path, header.length + offset);
      identities.push(await identifyModel(path));
    }
    expect(new Set(identities.map(({ contentHash }) => contentHash)).size).toBe(4);
  });

  test('reads a header larger than its first read', async () => {
    const long = buildGgufHeader({ tokens: Array.from({ length: 200_000 }, (_, i) => `t${i}`) });
    expect(long.length).toBeGreaterThan(2 * 1024 * 1024);
    await writeFile(path, long);
    expect((await identifyModel(path)).sizeBytes).toBe(long.length);
  });

  test('is remembered until the file changes', async () => {
    const cache = join(directory, 'cache');
    await writeFile(path, Buffer.concat([header, Buffer.alloc(500, 1)]));
    const first = await identifyModel(path, cache);
    expect(await identifyModel(path, cache)).toEqual(first);

    // The remembered answer is used: a changed one comes back as it is.
    const file = join(cache, 'models.json');
    const forged = (await readFile(file, 'utf8')).replace(first.contentHash, 'f'.repeat(32));
    await writeFile(file, forged);
    expect((await identifyModel(path, cache)).contentHash).toBe('f'.repeat(32));

    await utimes(path, 1, 1);
    expect(await identifyModel(path, cache)).toEqual(first);
    await appendFile(path, 'x');
    expect((await identifyModel(path, cache)).sizeBytes).toBe(first.sizeBytes + 1);
  });

  test('is computed again when what was remembered is damaged', async () => {
    const cache = join(directory, 'cache');
    await writeFile(path, header);
    const first = await identifyModel(path, cache);
    for (const damage of ['', '{', '[]', '{"version":1,"models":[{}]}', '{"version":2}']) {
      await writeFile(join(cache, 'models.json'), damage);
      expect(await identifyModel(path, cache)).toEqual(first);
    }
  });

  test('of a split model covers every part', async () => {
    const parts = shardPaths(join(directory, 'm-00001-of-00002.gguf'));
    expect(parts.map((part) => part.slice(directory.length + 1))).toEqual([
      'm-00001-of-00002.gguf',
      'm-00002-of-00002.gguf',
    ]);
    for (const part of parts) await writeFile(part, header);
    const [first = '', second = ''] = parts;
    const identity = await identifyModel(first);
    expect(identity.sizeBytes).toBe(2 * header.length);
    await appendFile(second, 'more');
    expect((await identifyModel(first)).contentHash).not.toBe(identity.contentHash);
    await rename(second, `${second}.gone`);
    await expect(identifyModel(first)).rejects.toMatchObject({
      code: 'ERR_WARMFORK_MODEL_UNREADABLE',
    });
  });

  test('of something else is an error with a code', async () => {
    await writeFile(path, 'no model');
    await expect(identifyModel(path)).rejects.toMatchObject({ code: 'ERR_WARMFORK_NOT_GGUF' });
    await writeFile(path, '');
    await expect(identifyModel(path)).rejects.toMatchObject({ code: 'ERR_WARMFORK_NOT_GGUF' });
    for (const missing of [directory, join(directory, 'none.gguf')]) {
      const code = 'ERR_WARMFORK_MODEL_UNREADABLE';
      await expect(identifyModel(missing)).rejects.toMatchObject({ code });
    }
  });
});

async function setByte(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.of(1), 0, 1, offset);
  await handle.close();
}
