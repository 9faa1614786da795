/** The disk budget as an engine holds it: to the byte, but never against the base that it has mapped. */
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { recentUseMs } from '../../src/cache/eviction.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

async function work(engine: Engine, path: string): Promise<void> {
  const text = `export const name = '${path}';\nexport const val║\n`;
  await engine.complete(fixture.at(path, text), never);
  await engine.saveFile(fixture.at(path, '').uri);
}

/** Facts about models and libraries, which are not sessions. */
const facts: readonly string[] = ['models.json', 'library.json'];

/** Bytes that the sessions below the cache directory occupy, counted here and not by the engine. Images are sparse. */
async function bytesOnDisk(): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(fixture.storage, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || facts.includes(entry.name)) continue;
    const { size, blocks } = await stat(join(entry.parentPath, entry.name));
    bytes += entry.name.endsWith('.cells') ? Math.min(size, blocks * 512) : size;
  }
  return bytes;
}

async function kinds(engine: Engine): Promise<readonly string[]> {
  return (await engine.verify()).sessions.map(({ kind }) => kind).sort();
}

/** Makes what an earlier engine of this process has used old enough to go. */
async function letTimePass(): Promise<void> {
  for (const name of await readdir(fixture.storage, { recursive: true })) {
    if (!name.endsWith('.session.json')) continue;
    const then = (Date.now() - recentUseMs - 1000) / 1000;
    await utimes(join(fixture.storage, name), then, then);
  }
}

describe('the disk budget', () => {
  it('is held after every save, and the document used last is the one that stays', async () => {
    fixture = await Fixture.create();
    const measuring = fixture.start();
    await measuring.whenWarm();
    const base = await bytesOnDisk();
    await work(measuring, 'src/a.ts');
    const budget = Math.round(base + 1.5 * ((await bytesOnDisk()) - base));
    await measuring.close();
    await letTimePass();

    const engine = fixture.start({ cacheBudgetBytes: budget });
    await engine.whenWarm();
    for (const path of ['src/b.ts', 'src/c.ts', 'src/d.ts']) {
      await work(engine, path);
      expect(await bytesOnDisk()).toBeLessThanOrEqual(budget);
      const { sessions, bytes } = await engine.verify();
      expect(bytes).toBe(await bytesOnDisk());
      expect(sessions.filter(({ kind }) => kind === 'file').map(({ id }) => id)).toEqual([
        fixture.at(path, '').uri,
      ]);
    }
  });

  it('holds to the byte: one byte less, and a session goes', async () => {
    fixture = await Fixture.create();
    const first = fixture.start();
    await first.whenWarm();
    await work(first, 'src/a.ts');
    const exact = await bytesOnDisk();
    await first.close();
    await letTimePass();
    const fitting = fixture.start({ cacheBudgetBytes: exact });
    await fitting.whenWarm();
    expect(await kinds(fitting)).toEqual(['base', 'file']);
    await fitting.close();
    await letTimePass();
    const tight = fixture.start({ cacheBudgetBytes: exact - 1 });
    await tight.whenWarm();
    expect(await kinds(tight)).toEqual(['base']);
  });

  it('never takes the base that is mapped', async () => {
    fixture = await Fixture.create();
    const first = fixture.start();
    await first.whenWarm();
    await work(first, 'src/a.ts');
    await first.close();
    await letTimePass();
    const engine = fixture.start({ cacheBudgetBytes: 0 });
    expect((await engine.whenWarm()).base?.source).toBe('restored');
    await work(engine, 'src/b.ts');
    expect(await kinds(engine)).toEqual(['base']);
  });
});
