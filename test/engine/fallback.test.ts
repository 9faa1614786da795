/** Files that cannot be mapped are read and written as ordinary files, and the status says why. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SessionIo } from '../../src/engine/sessions/sessionIo.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

const code = 'export function twice(value: number): number {\n  return va║\n}\n';

/** What the native side says of a file system without mappings. */
function refusal(reason: string): Error {
  const error = new Error(`${reason}: this file system cannot map`);
  return Object.assign(error, { code: 'ERR_WARMFORK_SESSION', reason });
}

/** The mapped way, but for the files that `isRefused` names. */
function refusing(reason: string, isRefused: (path: string) => boolean) {
  return (io: SessionIo): SessionIo => ({
    kind: io.kind,
    isBeingWritten: (path) => io.isBeingWritten(path),
    reader: async (path, scope) => {
      if (isRefused(path)) throw refusal(reason);
      return io.reader(path, scope);
    },
    writer: async (path, scope, cells) => {
      if (isRefused(path)) throw refusal(reason);
      return io.writer(path, scope, cells);
    },
  });
}

describe.each(['unsupported', 'io', 'no_memory'])('a mapping that fails (%s)', (reason) => {
  it('costs nothing but the mapping: all is kept and restored as usual', async () => {
    fixture = await Fixture.create();
    const wrap = refusing(reason, () => true);
    const first = fixture.start({}, {}, wrap);
    expect((await first.whenWarm()).base).toMatchObject({ source: 'evaluated', persisted: true });
    const { persistence } = first.status;
    expect(persistence.kind).toBe('file');
    expect(persistence.reason).toMatch(/^base-.*cannot be mapped: .*this file system cannot map$/);
    const cold = await first.complete(fixture.at('src/twice.ts', code), never);
    expect(await first.saveAll()).toMatchObject({ saved: 1 });
    await first.close();

    const second = fixture.start({}, {}, wrap);
    expect((await second.whenWarm()).base).toMatchObject({ source: 'restored', evaluated: 0 });
    const warm = await second.complete(fixture.at('src/twice.ts', code), never);
    expect(warm.stats).toMatchObject({ evaluated: 1, sessionRestored: true });
    expect(warm.text).toBe(cold.text);
    expect(await second.counters()).toMatchObject({ cacheMisses: 0 });
  });
});

describe('sessions of both ways', () => {
  it.each([
    ['mapped', 'file'],
    ['file', 'mapped'],
  ] as const)('written %s are read %s', async (writing, reading) => {
    fixture = await Fixture.create();
    const first = fixture.start({ sessionIo: writing });
    await first.whenWarm();
    const cold = await first.complete(fixture.at('src/twice.ts', code), never);
    await first.close();
    const second = fixture.start({ sessionIo: reading });
    expect((await second.whenWarm()).base).toMatchObject({ source: 'restored', evaluated: 0 });
    const warm = await second.complete(fixture.at('src/twice.ts', code), never);
    expect(warm.stats).toMatchObject({ evaluated: 1, sessionRestored: true });
    expect(warm.text).toBe(cold.text);
    expect((await second.verify()).sessions.map(({ problem }) => problem)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('go side by side when only some files can be mapped', async () => {
    fixture = await Fixture.create();
    const engine = fixture.start(
      {},
      {},
      refusing('io', (path) => path.includes('files')),
    );
    expect((await engine.whenWarm()).persistence).toEqual({ kind: 'mapped' });
    await engine.complete(fixture.at('src/twice.ts', code), never);
    expect(await engine.saveAll()).toMatchObject({ saved: 1 });
    expect(engine.status.persistence).toMatchObject({ kind: 'file' });
    expect(engine.status.persistence.reason).toMatch(/^[0-9a-f]{32}\.session cannot be mapped/);
  });
});

it('other refusals are refusals: a file that another window writes is not written here', async () => {
  fixture = await Fixture.create();
  const engine = fixture.start(
    {},
    {},
    refusing('locked', (path) => path.includes('files')),
  );
  await engine.whenWarm();
  await engine.complete(fixture.at('src/twice.ts', code), never);
  expect(await engine.saveAll()).toEqual({ saved: 0, bytes: 0 });
  expect(engine.status.persistence).toEqual({ kind: 'mapped' });
});
