/** What `warmfork.sessions.persist` allows is all that is on the disk, also of what was kept before. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { PersistMode } from '../../src/protocol/settings.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

/** Files beside the project, with their contents. */
async function kept(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const name of await readdir(fixture.directory, { recursive: true })) {
    const path = join(fixture.directory, name);
    if (path.startsWith(fixture.workspace + sep) || !(await stat(path)).isFile()) continue;
    files.set(relative(fixture.directory, path), await readFile(path, 'latin1'));
  }
  return files;
}

/** What somebody does in a window: a base, a completion, a chat, a save, an end. */
async function work(persist: PersistMode): Promise<Engine> {
  const engine = fixture.start({ persist, baseTokens: null });
  await engine.whenWarm();
  await engine.complete(fixture.at('src/a.ts', 'const one = 1;\nconst two║\n'), never);
  const messages = [{ role: 'user', content: 'hello' }] as const;
  await engine.chat({ chatId: 'c', messages, maxTokens: 4 }, never, () => undefined);
  await engine.saveFile(fixture.at('src/a.ts', '').uri);
  await engine.close();
  return engine;
}

const endings = async (): Promise<string[]> =>
  [...(await kept()).keys()].map((name) => name.replace(/^.*[0-9a-f]{16,}/u, '')).sort();

it('all, base, none: each leaves what it allows', async () => {
  fixture = await Fixture.create({ 'src/bird.ts': 'export function plover(): void {}\n' });
  await work('all');
  const all = [...(await kept()).keys()];
  expect(all.some((name) => name.includes(`${sep}files${sep}`))).toBe(true);
  expect(all.some((name) => name.includes(`${sep}chats${sep}`))).toBe(true);

  const base = await work('base');
  expect(await base.counters()).toMatchObject({ baseTokensEvaluated: 0, overlaysSaved: 0 });
  expect(base.status.base).toMatchObject({ persisted: true });
  expect(await endings()).toEqual(
    ['.cells', '.meta', '.session', '.session.json', '/rules.json'].concat(
      'projects/speed.json',
      'sessions/library.json',
      'sessions/models.json',
    ),
  );

  // What the thread that reads projects would have kept, of whatever workspace.
  const facts = join(fixture.directory, 'projects', '0123456789abcdef', 'facts.json');
  await mkdir(dirname(facts), { recursive: true });
  await writeFile(facts, 'plover');
  const none = await work('none');
  expect(await none.counters()).toMatchObject({ overlaysSaved: 0, basesRestored: 0 });
  expect(none.status.base).toMatchObject({ source: 'evaluated', persisted: false });
  expect(none.status.persistence).toEqual({
    kind: 'none',
    reason: 'nothing is kept on disk, by setting',
  });
  expect(await endings()).toEqual([
    'projects/speed.json',
    'sessions/library.json',
    'sessions/models.json',
  ]);
  expect([...(await kept()).values()].join('')).not.toContain('plover');
  // That is no fault.
  expect(fixture.logs.filter((line) => /^(error|warn)/u.test(line))).toEqual([]);
});
