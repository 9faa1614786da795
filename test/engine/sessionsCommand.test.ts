/** `npm run sessions` over the sessions of a real engine. */
import { copyFile, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSessions } from '../../scripts/sessions/command.ts';
import { Fixture, never } from './engineFixture.ts';

const code = 'export function twice(value: number): number {\n  return va║\n}\n';

let fixture: Fixture;
/** Paths relative to the cache directory. */
let base: string;
let overlay: string;
let text: string;

beforeEach(async () => {
  fixture = await Fixture.create();
  const engine = fixture.start();
  await engine.whenWarm();
  ({ text } = await engine.complete(fixture.at('src/twice.ts', code), never));
  await engine.saveAll();
  const { sessions } = await engine.verify();
  base = sessions.find(({ kind }) => kind === 'base')!.path;
  overlay = sessions.find(({ kind }) => kind === 'file')!.path;
  await engine.close();
});
afterEach(() => fixture.remove());

interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function sessions(...args: readonly string[]): Promise<Run> {
  let [out, error] = ['', ''];
  const exitCode = await runSessions([...args, '--root', fixture.storage], {
    out: (line) => (out += `${line}\n`),
    error: (line) => (error += `${line}\n`),
    directory: fixture.directory,
  });
  return { code: exitCode, out, error };
}

async function json(...args: readonly string[]): Promise<unknown> {
  return JSON.parse((await sessions(...args, '--json')).out);
}

describe('sessions', () => {
  it('list: every session, as a table and as JSON', async () => {
    const { code: exitCode, out } = await sessions('list');
    expect(exitCode).toBe(0);
    const rows = out.split('\n').filter((line) => /^\| (base|file)/.test(line));
    expect(rows).toHaveLength(2);
    expect(rows.find((row) => row.startsWith('| file'))).toContain('src/twice.ts');
    expect(out).toContain(`2 sessions`);
    const listed = (await json('list')) as { root: string; sessions: { path: string }[] };
    expect(listed.root).toBe(fixture.storage);
    expect(listed.sessions.map(({ path }) => path).sort()).toEqual([base, overlay].sort());
  });

  it('show: header and manifest agree, with the checksum that the native side wrote', async () => {
    const shown = await sessions('show', base);
    expect(shown).toMatchObject({ code: 0, error: '' });
    expect(shown.out).toMatch(/layout +whole context, format version 10/);
    expect(shown.out).toMatch(/verdict +valid/);
    const { size } = await stat(join(fixture.storage, overlay));
    expect(await json('show', overlay)).toMatchObject({
      header: { layout: 'one sequence', version: 3, fileBytes: size },
      manifest: { kind: 'file', sizeBytes: size },
      problems: [],
    });
  });

  it('check: finds one changed byte, and says so with its exit code', async () => {
    expect(await sessions('check')).toMatchObject({ code: 0, error: '' });
    fixture.leaveDisorder();
    const path = join(fixture.storage, overlay);
    const before = await readFile(path);
    for (const at of [0, 4, 8, 12, before.length >> 1, before.length - 1]) {
      const damaged = Buffer.from(before);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(path, damaged);
      const { code: exitCode, out } = await sessions('check');
      expect(exitCode, `byte ${at}`).toBe(1);
      expect(out, `byte ${at}`).toContain(overlay);
    }
    await writeFile(path, before);
    expect((await sessions('check')).code).toBe(0);
  });

  it('export and import: an engine goes on with what came back', async () => {
    expect(await sessions('export', base, 'out.session')).toMatchObject({ code: 0, error: '' });
    const exported = await sessions('export', overlay, 'overlay.session');
    expect(exported.out).toContain(`base belongs below it`);
    expect(exported.out).toContain(base.split('/').at(-1));
    const engine = fixture.start();
    await engine.whenWarm();
    await engine.clear();
    await engine.close();
    expect(await json('list')).toMatchObject({ sessions: [] });

    expect(await sessions('import', 'out.session')).toMatchObject({ code: 0, error: '' });
    expect(await sessions('import', 'overlay.session')).toMatchObject({ code: 0, error: '' });
    // By llama.cpp's own file calls, which take nothing but an exact file.
    const again = fixture.start({ sessionIo: 'file' });
    expect((await again.whenWarm()).base).toMatchObject({ source: 'restored', evaluated: 0 });
    const warm = await again.complete(fixture.at('src/twice.ts', code), never);
    expect(warm.stats).toMatchObject({ evaluated: 1, sessionRestored: true });
    expect(warm.text).toBe(text);
  });

  it('replace nothing that is there', async () => {
    await sessions('export', base, 'out.session');
    const twice = await sessions('export', base, 'out.session');
    expect(twice.code).toBe(1);
    expect(twice.error).toContain('EEXIST');
    const present = await sessions('import', 'out.session');
    expect(present.code).toBe(1);
    expect(present.error).toContain('There is such a session already');
  });

  it('take nothing that is damaged', async () => {
    await sessions('export', base, 'out.session');
    const out = join(fixture.directory, 'out.session');
    const file = await open(out, 'r+');
    await file.write(Buffer.from([1]), 0, 1, 5000);
    await file.close();
    const changed = await sessions('import', 'out.session');
    expect(changed).toMatchObject({ code: 1 });
    expect(changed.error).toContain('checksum');
    await truncate(out, 6);
    expect((await sessions('show', 'out.session')).error).toContain('too short');
    await writeFile(out, 'no session at all');
    expect((await sessions('show', 'out.session')).error).toContain('is not a session file');
    await copyFile(join(fixture.storage, base), join(fixture.directory, 'alone.session'));
    expect((await sessions('import', 'alone.session')).error).toContain('.json is missing');
    expect((await sessions('show', 'alone.session')).out).toContain('there is no manifest');
  });

  it('say how they are used', async () => {
    for (const args of [['show'], ['list', 'x'], ['frobnicate'], ['list', '--wrong']])
      expect(await sessions(...args), args.join(' ')).toMatchObject({ code: 2 });
    expect(await sessions('--help')).toMatchObject({ code: 0 });
    expect((await sessions('show', 'nowhere')).error).toContain('There is no file');
    let error = '';
    const terminal = {
      out: () => undefined,
      error: (line: string) => (error += line),
      directory: '/',
    };
    expect(await runSessions(['list', '--root', '/nowhere'], terminal)).toBe(1);
    expect(error).toContain('There is no directory');
  });
});
