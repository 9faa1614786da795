/** Model files that cannot be used: the engine says in one sentence what is wrong, and does not crash. */
import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { writeGguf } from '../models/ggufFile.ts';
import { Fixture } from './engineFixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.create();
});
afterEach(async () => {
  await fixture.closeAll();
  await fixture.remove();
});

it.each<[string, (path: string) => unknown, RegExp]>([
  ['is missing', () => undefined, /^There is no model file .*m\.gguf: choose another\.$/],
  [
    'is cut off',
    async (path) => {
      await copyFile(inRoot('models/stand-in.gguf'), path);
      await truncate(path, 5_000_000);
    },
    /^"m\.gguf" is cut off, it has 4\.8 MB of 5\.4 MB: download it again\.$/,
  ],
  [
    'is a text',
    (path) => writeFile(path, 'no model at all, only a text'),
    /does not begin with "GGUF"/,
  ],
  ['is no language model', (path) => writeGguf(path, { architecture: 'clip' }), /vision part/],
  ['has weights that fit no model', (path) => writeGguf(path), /m\.gguf/],
])('a file that %s', async (_what, make, expected) => {
  const path = join(fixture.storage, '..', 'm.gguf');
  await make(path);
  const engine = fixture.start({}, { modelPath: path });
  const { state, message } = await engine.whenWarm().catch(() => engine.status);
  expect(state).toBe('failed');
  expect(message).toMatch(expected);
});
