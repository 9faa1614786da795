/** Verifying session files: what a person sees of them, whatever was done to them. */
import { open, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

const code = 'export function twice(value: number): number {\n  return va║\n}\n';

describe.each(['mapped', 'file'] as const)('verifying session files (%s)', (sessionIo) => {
  it('finds them valid, while they are in use and after a restart', async () => {
    fixture = await Fixture.create();
    const engine = fixture.start({ sessionIo });
    await engine.whenWarm();
    await engine.complete(fixture.at('src/twice.ts', code), never);
    await engine.saveAll();
    const report = await engine.verify();
    expect(report.sessions.map(({ kind, problem }) => [kind, problem]).sort()).toEqual([
      ['base', undefined],
      ['file', undefined],
    ]);
    expect(report).toMatchObject({ root: fixture.storage, problems: [] });
    expect(report.bytes).toBeGreaterThan(0);
    await engine.close();
    const again = fixture.start({ sessionIo });
    await again.whenWarm();
    expect((await again.verify()).sessions).toHaveLength(2);
  });

  it('finds one changed byte, a stray file and a file that is cut short', async () => {
    fixture = await Fixture.create();
    fixture.leaveDisorder();
    const engine = fixture.start({ sessionIo });
    await engine.whenWarm();
    await engine.complete(fixture.at('src/twice.ts', code), never);
    await engine.complete(fixture.at('src/other.ts', 'const other║'), never);
    await engine.saveAll();
    const before = await engine.verify();
    const [first, second] = before.sessions.filter(({ kind }) => kind === 'file');
    await flipLastByte(join(fixture.storage, first!.path));
    await truncate(join(fixture.storage, second!.path), 100);
    await writeFile(join(fixture.storage, 'notes.txt'), 'mine');
    const names = await fileNames();

    const report = await engine.verify();
    expect(report.sessions.find(({ path }) => path === first!.path)?.problem).toContain('checksum');
    expect(report.problems).toEqual(
      expect.arrayContaining([
        { path: 'notes.txt', problem: 'not a file of the cache' },
        {
          path: second!.path,
          problem: `wrong-size: 100 bytes instead of ${second!.sizeBytes}`,
        },
      ]),
    );
    expect(await fileNames(), 'nothing is removed by looking').toEqual(names);
  });
});

it('says so when there is nothing to verify', async () => {
  fixture = await Fixture.create();
  await writeFile(fixture.storage, 'a file where the cache should be');
  const engine = fixture.start();
  await engine.whenWarm();
  await expect(engine.verify()).rejects.toMatchObject({ code: 'ERR_WARMFORK_NOT_READY' });
});

async function flipLastByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size - 1);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, size - 1);
  await file.close();
}

async function fileNames(): Promise<readonly string[]> {
  return (await readdir(fixture.storage, { recursive: true })).sort();
}
