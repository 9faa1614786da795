import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLoadedLlama, pickLlama } from '../../src/engine/native/loadedLibraries.ts';
import { loadNative } from '../../src/engine/native/loadNative.ts';
import { failureOf, loadLibrary, standInPath } from './fixture.ts';

describe('pickLlama', () => {
  it.each([
    ['Linux', '/bins/libllama.v0.5.0.so', '/bins/libggml.v0.5.0.so', '/bins/libllama-common.so'],
    ['macOS', '/bins/libllama.dylib', '/bins/libggml.dylib', '/bins/libggml-base.dylib'],
    [
      'a Linux release name with a dash in its folder',
      '/a-b/libllama.b8390.so',
      '/a-b/libggml.b8390.so',
      '/a-b/libggml-cpu-haswell.so',
    ],
  ])('finds the two libraries on %s', (_, llamaPath, ggmlPath, other) => {
    const others = ['/usr/lib/libc.so.6', other, '/other/libggml.so'];

    expect(pickLlama([...others, ggmlPath, llamaPath])).toEqual({ llamaPath, ggmlPath });
  });

  it('says what is missing', () => {
    const code = 'ERR_WARMFORK_LIBRARY';
    expect(() => pickLlama(['/usr/lib/libc.so.6'])).toThrow(expect.objectContaining({ code }));
    expect(() => pickLlama(['/a/libllama.so', '/b/libggml.so'])).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('initialize', () => {
  it('refuses anything before it was called, and libraries that are not llama.cpp', async () => {
    const native = loadNative();
    const load = (): unknown =>
      native.Model.load({ path: standInPath, gpuLayers: 0, useMmap: true });
    const code = 'ERR_WARMFORK_LIBRARY';

    expect(await failureOf(load)).toMatchObject({ code });
    const paths = { llamaPath: '/nowhere/libllama.so', ggmlPath: '/nowhere/libggml.so' };
    expect(() => native.initialize(paths)).toThrow(expect.objectContaining({ code }));
    expect(await failureOf(load)).toMatchObject({ code });
  });

  it('binds to the library that node-llama-cpp loaded', async () => {
    const { native, libraryInfo, release, variant } = await loadLibrary();
    const { llamaPath, ggmlPath } = findLoadedLlama();
    const code = 'ERR_WARMFORK_LIBRARY';

    expect(libraryInfo).toMatchObject({ llamaRelease: release, sessionVersion: 10 });
    expect(libraryInfo).toMatchObject({ sequenceVersion: 3, maxSequences: 256 });
    expect(variant).toBe('cpu');
    expect(native.initialize({ llamaPath, ggmlPath })).toEqual(libraryInfo);
    expect(() => native.initialize({ llamaPath: ggmlPath, ggmlPath })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('Model.load', () => {
  it('says why a file is no model, and logs it', async () => {
    const { native } = await loadLibrary();
    const directory = mkdtempSync(join(tmpdir(), 'warmfork-model-'));
    const logged: string[] = [];
    native.initialize({
      ...findLoadedLlama(),
      onLog: (level, message) => logged.push(`${level}: ${message}`),
    });
    const load = (path: string): unknown =>
      native.Model.load({ path, gpuLayers: 0, useMmap: true });
    const torn = join(directory, 'torn.gguf');
    writeFileSync(torn, 'GGUF\x03\0\0\0nonsense');
    const text = join(directory, 'text.gguf');
    writeFileSync(text, 'no model');

    const code = 'ERR_WARMFORK_MODEL';
    expect(await failureOf(() => load(join(directory, 'missing')))).toMatchObject({ code });
    expect(await failureOf(() => load(directory))).toMatchObject({ code });
    expect((await failureOf(() => load(text))).message).toContain('not a GGUF file');
    const failure = await failureOf(() => load(torn));
    expect(failure).toMatchObject({ code });
    expect(failure.message).toMatch(/gguf|model/);
    expect(logged.some((line) => line.startsWith('error: '))).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
