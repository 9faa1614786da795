/** What a person gets who wants everything removed: nothing of the source is left. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { writeFacts } from '../../src/project/factsFile.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

/** Every file beside the project, by its path. */
async function kept(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const name of await readdir(fixture.directory, { recursive: true })) {
    const path = join(fixture.directory, name);
    if (path.startsWith(fixture.workspace + sep) || !(await stat(path)).isFile()) continue;
    files.set(relative(fixture.directory, path), await readFile(path, 'latin1'));
  }
  return files;
}

it('clearing leaves no file that was made of the project, also none of a process that died', async () => {
  fixture = await Fixture.create({ 'src/bird.ts': 'export function plover(): void {}\n' });
  const engine = fixture.start({ baseTokens: null });
  await engine.whenWarm();
  await engine.complete(fixture.at('src/a.ts', 'const one = 1;\nconst two║\n'), never);
  await engine.saveAll();
  // What the thread that reads projects keeps, where there is one.
  const [rules = ''] = [...(await kept()).keys()].filter((name) => name.endsWith('rules.json'));
  const facts = join(fixture.directory, rules, '..', 'facts.json');
  const text = { kind: 'text', nChars: 34, imports: { relative: [], names: [] } } as const;
  const known = [['hash', { ...text, signatures: 'function plover(): void' }]] as const;
  await writeFacts(facts, { facts: known, seen: [] });
  // What an engine leaves that was killed while it wrote a base.
  const [base = ''] = [...(await kept()).keys()].filter((name) => name.endsWith('.session'));
  const torn = join(fixture.directory, `${base}.4194304.0123abcd.tmp`);
  await writeFile(torn, 'plover');
  expect([...(await kept()).values()].some((content) => content.includes('plover'))).toBe(true);

  await engine.clear();
  expect([...(await kept()).keys()].sort()).toEqual([
    'projects/speed.json',
    'sessions/library.json',
    'sessions/models.json',
  ]);
  expect([...(await kept()).values()].some((content) => content.includes('plover'))).toBe(false);
  expect(existsSync(torn)).toBe(false);
  // What is in memory goes on serving.
  const answer = await engine.complete(fixture.at('src/b.ts', 'const three║\n'), never);
  expect(answer.stats.reused).toBe(engine.status.base?.tokens);
});
