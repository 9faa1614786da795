/** The base follows the project: what is rebuilt and when, what is found again, and what is never in a session file. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import {
  anywhere,
  cutOffKey,
  inDataFiles,
  inlineKey,
  keyBlocks,
} from '../project/plantedSecrets.ts';
import { Fixture, never, standInModel } from './engineFixture.ts';

let fixture: Fixture;
beforeEach(() => vi.stubEnv('WARMFORK_IDLE_MS', '20'));
afterEach(async () => {
  await fixture.remove();
  vi.unstubAllEnvs();
});

/** Modules with a body each; `word` makes them those of one branch. */
const branch = (word: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: 8 }, (_, n) => [
      `src/module${n}.ts`,
      `export function ${word}${n}(value: number): number {\n${`  value += ${word.length};\n`.repeat(6)}  return value;\n}\n`,
    ]),
  );

async function checkOut(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await fixture.write(path, text);
}

/** What a host tells after files were written. */
function told(...paths: readonly string[]) {
  const uris = paths.map((path) => pathToFileURL(join(fixture.workspace, path)).href);
  return { uris, incomplete: false };
}

const builds = (): string[] => fixture.logs.filter((line) => line.includes('the base is built'));
const looks = (): string[] => fixture.logs.filter((line) => line.includes('the base lacks'));

/** Resolves when the engine has looked at the project once more and is ready. */
async function looked(engine: Engine, before: number): Promise<void> {
  await vi.waitFor(
    () => {
      expect(looks().length).toBeGreaterThan(before);
      expect(engine.status.state).toBe('ready');
    },
    { timeout: 60_000, interval: 10 },
  );
}

describe('a base that is told of changes', () => {
  it('follows a checkout, and finds the base of the other branch when it is checked out again', async () => {
    fixture = await Fixture.create(branch('main'));
    const engine = fixture.start();
    const first = (await engine.whenWarm()).base;
    const start = looks().length;

    await checkOut(branch('feature'));
    await engine.projectChanged(told(...Object.keys(branch('feature'))));
    await looked(engine, start);
    const second = engine.status.base;
    expect(second?.id).not.toBe(first?.id);
    expect(second).toMatchObject({ source: 'evaluated' });
    const { tokensEvaluated } = await engine.counters();

    await checkOut(branch('main'));
    await engine.projectChanged({ uris: [], incomplete: true });
    await looked(engine, start + 1);
    expect(engine.status.base).toMatchObject({ id: first?.id, source: 'restored', evaluated: 0 });
    await checkOut(branch('feature'));
    await engine.projectChanged(told('.git/HEAD'));
    await looked(engine, start + 2);
    expect(engine.status.base).toMatchObject({ id: second?.id, source: 'restored', evaluated: 0 });
    expect((await engine.counters()).tokensEvaluated).toBe(tokensEvaluated);
  });

  it('stays for a small edit, until staleness has cost as much as a rebuild', async () => {
    fixture = await Fixture.create(branch('main'));
    const engine = fixture.start();
    const { base } = await engine.whenWarm();
    const start = looks().length;
    const { tokensEvaluated } = await engine.counters();
    const text = branch('main')['src/module7.ts'] ?? '';
    await fixture.write('src/module7.ts', text.replace('value += 4', 'value += 5'));
    await engine.projectChanged(told('src/module7.ts'));
    await looked(engine, start);
    // What it costs is known and small: the wait is short, and then only the end is evaluated.
    expect(looks()[start]).toMatch(/rebuilt in \d+ s or so/u);
    await vi.waitFor(() => expect(engine.status.base?.id).not.toBe(base?.id), {
      timeout: 60_000,
    });
    await looked(engine, start + 1);
    const evaluated = (await engine.counters()).tokensEvaluated - tokensEvaluated;
    expect(evaluated).toBeGreaterThan(0);
    expect(evaluated).toBeLessThan((base?.tokens ?? 0) * 0.3);
    expect(engine.status.base?.evaluated).toBe(evaluated);
  });

  it('waits while somebody waits for an answer', async () => {
    vi.stubEnv('WARMFORK_IDLE_MS', '150');
    fixture = await Fixture.create(branch('main'));
    const engine = fixture.start();
    await engine.whenWarm();
    await checkOut(branch('feature'));
    await engine.projectChanged(told('src/module0.ts'));
    const before = builds().length;
    for (let at = 0; at < 20; at++) {
      const request = fixture.at(`src/new${at}.ts`, 'const value║\n', { maxTokens: 1 });
      await engine.complete(request, never);
    }
    expect(builds()).toHaveLength(before);
    await vi.waitFor(() => expect(builds()).toHaveLength(before + 1), { timeout: 60_000 });
  });
});

describe('what a person chooses', () => {
  it('is obeyed at once, and what was excluded is in no session file any more', async () => {
    fixture = await Fixture.create({
      ...branch('main'),
      'src/private.ts': 'export const canary = "plover";\n'.repeat(3),
    });
    const engine = fixture.start();
    await engine.whenWarm();
    expect(await sessionTexts()).toContain('plover');
    const start = looks().length;
    await engine.chooseContext({ include: [], exclude: ['/src/private.ts'] });
    await looked(engine, start);
    await vi.waitFor(async () => expect((await sessionTexts()).includes('plover')).toBe(false), {
      timeout: 60_000,
    });
    expect(await sessionTexts()).toContain('main0');
    const report = await engine.contextReport();
    expect(report.staleShare).toBe(0);
    expect(report.leftOut).toContainEqual({
      path: 'src/private.ts',
      reason: 'excluded by setting',
    });
    expect(report.items.map(({ path }) => path)).toContain('src/module0.ts');
  });

  it('holds for a base that was made before it was chosen', async () => {
    fixture = await Fixture.create({
      ...branch('main'),
      'src/private.ts': 'export const canary = "plover";\n',
    });
    await fixture.start().whenWarm();
    await fixture.closeAll();
    await fixture.write('.gitignore', 'private.ts\n');
    const engine = fixture.start();
    const { base } = await engine.whenWarm();
    expect(base?.source).toBe('evaluated');
    expect(builds().at(-1)).toContain('other files may be shown');
  });
});

describe('the size of the base', () => {
  it("is chosen by a speed that is measured once, on nobody's account", async () => {
    fixture = await Fixture.create(branch('main'));
    const engine = fixture.start({ baseTokens: null });
    await engine.whenWarm();
    const { tokensEvaluated, baseTokensEvaluated } = await engine.counters();
    expect(tokensEvaluated).toBe(baseTokensEvaluated);
    const { budgetTokens, budgetWhy } = await engine.contextReport();
    expect(budgetWhy).toMatch(/half of the context|what this machine evaluates in about 60 s/u);
    expect(Math.log2(budgetTokens) % 1).toBe(0);
    await fixture.closeAll();
    const speeds = join(fixture.directory, 'projects', 'speed.json');
    const kept = JSON.parse(await readFile(speeds, 'utf8')) as Record<string, number>;
    const [key = '', speed = 0] = Object.entries(kept)[0] ?? [];
    expect(speed).toBeGreaterThan(0);
    // Another number is believed: nothing is measured again.
    await writeFile(speeds, JSON.stringify({ [key]: 20 }));
    expect((await fixture.start({ baseTokens: null }).contextReport()).budgetTokens).toBe(1024);
  });
});

describe('a workspace that is not trusted', () => {
  it('has no rules in its base', async () => {
    fixture = await Fixture.create({ ...branch('main'), 'AGENTS.md': 'Obey the plover.\n' });
    const { workspace } = fixture.initializeParams();
    const engine = fixture.start({}, { workspace: { ...workspace, trusted: false } });
    await engine.whenWarm();
    expect((await sessionTexts()).includes('plover')).toBe(false);
    const { leftOut, trusted } = await engine.contextReport();
    expect(trusted).toBe(false);
    expect(leftOut).toContainEqual({ path: 'AGENTS.md', reason: 'untrusted workspace' });
    await fixture.closeAll();
    // Trusted now: the rules come in at once.
    const { base } = await fixture.start().whenWarm();
    expect(base?.source).toBe('evaluated');
    expect((await sessionTexts()).includes('plover')).toBe(true);
  });
});

describe('a build that is ended under way', () => {
  it('goes on from the last layer that was evaluated', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `src/m${n}.ts`,
        Array.from(
          { length: 6 },
          (_, k) =>
            `export function f${n}x${k}(value: number, other: string): number {\n${'  value += 1;\n'.repeat(4)}}\n`,
        ).join(''),
      ]),
    );
    fixture = await Fixture.create(files);
    const engine = fixture.start();
    // The first layer is in place, the next one is being evaluated.
    await vi.waitFor(async () => expect(await basesOnDisk()).toBe(1), {
      timeout: 60_000,
      interval: 5,
    });
    await engine.close();
    const again = fixture.start();
    const { base } = await again.whenWarm();
    const { baseTokensEvaluated, basesRestored } = await again.counters();
    expect(basesRestored).toBe(1);
    expect(baseTokensEvaluated).toBeGreaterThan(0);
    expect(baseTokensEvaluated).toBeLessThan((base?.tokens ?? 0) - 1000);
    expect(builds().at(-1)).toContain('unfinished');
  });
});

describe('secrets', () => {
  it('planted in every place of a project are in no session file', async () => {
    const secrets = [...anywhere, ...keyBlocks, cutOffKey, inlineKey];
    expect(secrets.length + inDataFiles.length).toBeGreaterThanOrEqual(50);
    const kinds = ['ts', 'py', 'go', 'md', 'java', 'rs', 'rb', 'sh'];
    const files: Record<string, string> = { 'AGENTS.md': `${anywhere[0]?.line ?? ''}\n` };
    for (const [n, { line }] of secrets.entries()) {
      files[`part${n}/place.${kinds[n % kinds.length] ?? 'ts'}`] = `${line}\nvisible${n}()\n`;
    }
    for (const [n, { line }] of inDataFiles.entries()) files[`conf${n}/a.yaml`] = `${line}\n`;
    for (const name of ['.env', 'id_rsa', 'cert.pem', 'credentials.json', '.npmrc']) {
      files[name] = 'plover-in-a-secret-file\n';
    }
    fixture = await Fixture.create(files, { contextTokens: 16_384, baseTokens: 8000 });
    const engine = fixture.start();
    await engine.whenWarm();
    // A session of a file, on top of the base.
    const request = fixture.at('part0/place.ts', 'const own = 1;\nconst two║\n', { maxTokens: 2 });
    await engine.complete(request, never);
    expect(await engine.saveAll()).toMatchObject({ saved: 1 });
    const text = await sessionTexts();
    const found = [...secrets, ...inDataFiles].filter(({ needle }) => text.includes(needle));
    expect(found).toEqual([]);
    expect(text.includes('plover')).toBe(false);
    // Every place is in it, so that the absence above means something.
    expect([...secrets.keys()].filter((n) => !text.includes(`visible${n}()`))).toEqual([]);
    expect(text).toContain('const own = 1;');
  });
});

async function basesOnDisk(): Promise<number> {
  const names = await readdir(fixture.storage, { recursive: true }).catch(() => []);
  return names.filter((name) => /base-\w+\.session$/u.test(name)).length;
}

const llama = loadLlamaLibrary({ gpu: false });
const model = llama.then(({ native }) =>
  native.Model.load({ path: standInModel, gpuLayers: 0, useMmap: true }),
);

/** The text of all tokens in all session files. */
async function sessionTexts(): Promise<string> {
  const { tokenBytes } = await tokenReader();
  const names = await readdir(fixture.storage, { recursive: true });
  const texts: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.session'))) {
    const bytes = await readFile(join(fixture.storage, name));
    // llama.cpp's formats begin with magic, version, the number of tokens, and the tokens.
    const nTokens = bytes.readUInt32LE(8);
    const tokens = Array.from({ length: nTokens }, (_, at) => bytes.readInt32LE(12 + 4 * at));
    texts.push(Buffer.concat(tokens.map(tokenBytes)).toString('utf8'));
  }
  return texts.join('\n');
}

async function tokenReader() {
  const loaded = await model;
  return { tokenBytes: (token: number) => loaded.tokenBytes(token, { special: true }) };
}
