/** A session file that another window is writing: it is left to that window. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { loadNative } from '../../src/engine/native/loadNative.ts';
import { Fixture, never } from './engineFixture.ts';

const code = 'export function twice(value: number): number {\n  return va║\n}\n';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.create();
  const engine = fixture.start();
  await engine.whenWarm();
  await engine.complete(fixture.at('src/twice.ts', code), never);
  expect(await engine.saveAll()).toMatchObject({ saved: 1 });
  await engine.close();
});
afterEach(() => fixture.remove());

it('is a miss, and stays', async () => {
  const file = markedUnclean();
  const lock = loadNative().FileLock.tryAcquire(file);
  expect(lock).toBeDefined();
  expect(await completedWith()).toMatchObject({ sessionRestored: false });
  expect(sessionFiles()).toEqual([file]);
  lock?.close();
});

it('but one that its writer left half done is removed', async () => {
  markedUnclean();
  expect(await completedWith()).toMatchObject({ sessionRestored: false });
  expect(sessionFiles()).toEqual([]);
});

/** What a writer says before it writes. Returns the path of the session file. */
function markedUnclean(): string {
  const [file] = sessionFiles();
  const manifest = manifestPath(file!);
  const facts = JSON.parse(readFileSync(manifest, 'utf8')) as object;
  writeFileSync(manifest, JSON.stringify({ ...facts, clean: false }), { mode: 0o600 });
  return file!;
}

function sessionFiles(): string[] {
  return readdirSync(fixture.storage, { recursive: true, encoding: 'utf8' })
    .filter((name) => /files\/[^/]+\.session$/.test(name))
    .map((name) => join(fixture.storage, name));
}

async function completedWith(): Promise<object> {
  const engine = fixture.start();
  await engine.whenWarm();
  const { stats } = await engine.complete(fixture.at('src/twice.ts', code), never);
  return stats;
}
