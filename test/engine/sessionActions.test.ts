/** What a person can do with single sessions, and the ledger of everything that is kept. */
import { readdir, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../native/index.d.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { SessionRef } from '../../src/protocol/sessions.ts';
import type { SessionInfo } from '../../src/protocol/status.ts';
import { append, createContext, loadStandIn, sameFloats, someTokens } from '../native/fixture.ts';
import { Fixture, never } from './engineFixture.ts';

const code = 'export function twice(value: number): number {\n  return va║\n}\n';
const messages = [{ role: 'user', content: 'What is a + b?' }] as const;

let fixture: Fixture;
let engine: Engine;
let changes = 0;

beforeEach(async () => {
  fixture = await Fixture.create();
  engine = fixture.start();
  await engine.whenWarm();
});
afterEach(() => fixture.remove());

async function complete(path = 'src/twice.ts') {
  return engine.complete(fixture.at(path, code), never);
}

async function find(kind: SessionInfo['kind']): Promise<SessionInfo> {
  const found = (await engine.sessions()).find((session) => session.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind} session`);
  return found;
}

async function chatOnce(chatId: string): Promise<void> {
  const params = { chatId, messages, maxTokens: 8 };
  await engine.chat(params, never, () => undefined);
  await engine.openChat({ chatId, messages }, never); // after the turn is put aside
}

describe('a list of sessions', () => {
  it('counts hits and what they saved, for the base and for the file', async () => {
    expect(await find('base')).toMatchObject({ hits: 0, savedMs: 0, isOutdated: false });
    const first = await complete();
    const base = await find('base');
    expect(base.hits).toBe(1);
    expect(first.stats.reused).toBe(base.tokens);
    expect(await find('file')).toMatchObject({ hits: 0, savedMs: 0, state: 'resident' });

    const { stats } = await engine.complete(
      fixture.at('src/twice.ts', code.replace('va║', 'val║')),
      never,
    );
    expect(stats.reused).toBeGreaterThan(base.tokens);
    const file = await find('file');
    expect(file.hits).toBe(1);
    const again = await find('base');
    expect(again.hits).toBe(2);
    // By one speed: in proportion to the tokens that were found.
    const perToken = (again.savedMs ?? 0) / (2 * base.tokens);
    expect(perToken).toBeGreaterThan(0);
    expect(file.savedMs).toBeCloseTo(perToken * (stats.reused - base.tokens), 6);
    expect(file.usedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it('tells memory, mapping and disk apart', async () => {
    await complete();
    expect(await find('file')).toMatchObject({ state: 'resident', isDirty: true, sizeBytes: 0 });
    const { id } = await find('file');
    expect(await act((all) => all.save({ kind: 'file', id }))).toMatchObject({ saved: 1 });
    expect(await find('file')).toMatchObject({ state: 'resident', isDirty: false });
    await act((all) => all.detach({ kind: 'file', id }));
    const detached = await find('file');
    expect(detached).toMatchObject({ state: 'onDisk', resident: false });
    expect((await stat(detached.path ?? '')).size).toBe(detached.sizeBytes);
    expect(['mapped', 'resident']).toContain((await find('base')).state);
  });
});

describe('single sessions', () => {
  it('that are discarded are gone from memory and disk, and evaluated anew', async () => {
    await complete();
    await chatOnce('talk');
    await engine.saveAll();
    for (const kind of ['file', 'chat'] as const) {
      const { id, path = '', sizeBytes } = await find(kind);
      expect(await act((all) => all.discard({ kind, id }))).toEqual({
        removed: 1,
        bytes: sizeBytes,
      });
      await expect(stat(path)).rejects.toThrow('ENOENT');
      await expect(find(kind)).rejects.toThrow(`no ${kind}`);
      expect(await act((all) => all.discard({ kind, id }))).toEqual({ removed: 0, bytes: 0 });
    }
    expect((await complete()).stats.evaluated).toBeGreaterThan(1);
  });

  it('of the base goes on serving when its file is discarded, and is not detached', async () => {
    const { id, path = '' } = await find('base');
    const ref = { kind: 'base', id } as const;
    await expect(act((all) => all.detach(ref))).rejects.toThrow('cannot be detached');
    expect(await act((all) => all.discard(ref))).toMatchObject({ removed: 1 });
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect(engine.status.base).toMatchObject({ id, persisted: false });
    const { stats } = await complete();
    expect(stats.reused).toBe((await find('base')).tokens);
    expect(await engine.rebuildBase()).toMatchObject({ id, persisted: true });
  });

  it.each(['clear', 'removeAll'] as const)(
    'of the base is known to have no file after %s',
    async (how) => {
      expect(engine.status.base).toMatchObject({ persisted: true });
      await (how === 'clear' ? engine.clear() : act((all) => all.removeAll()));
      expect(engine.status.base).toMatchObject({ persisted: false });
    },
  );

  it('are verified one by one', async () => {
    await complete();
    const { id } = await find('file');
    const ref = { kind: 'file', id } as const;
    await expect(act((all) => all.verify(ref))).rejects.toThrow('save it first');
    await act((all) => all.save(ref));
    expect(await act((all) => all.verify(ref))).toEqual({});
    fixture.leaveDisorder();
    const { path = '', sizeBytes } = await find('file');
    await truncate(path, sizeBytes - 1);
    await expect(act((all) => all.verify(ref))).rejects.toThrow('no file');
  });

  it('tell who wants to know that something has changed', async () => {
    await engine.close();
    changes = 0;
    engine = fixture.start({}, {}, undefined, undefined, () => changes++);
    await engine.whenWarm();
    await complete();
    expect(changes).toBe(1);
    await engine.sessions();
    await engine.ledger();
    expect(changes).toBe(1);
    await engine.saveAll();
    expect(changes).toBe(2);
  });
});

describe('an exported session', () => {
  let context: Context;
  beforeEach(async () => {
    context = await createContext(await loadStandIn(), { nCtx: 8192, nBatch: 512, nSeqMax: 32 });
  });
  afterEach(() => context.close());

  it.each(['file', 'chat'] as const)(
    'of a %s is complete: llama.cpp loads it into a sequence and goes on as the engine does',
    async (kind) => {
      await (kind === 'file' ? complete() : chatOnce('talk'));
      const { id, tokens } = await find(kind);
      await act((all) => all.detach({ kind, id })); // from its file as well as from memory
      const path = join(fixture.directory, 'exported.session');
      const exported = await act((all) => all.export({ kind, id, path }));
      const base = await find('base');
      expect(exported).toMatchObject({ path, format: 'sequence', tokens: base.tokens + tokens });
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(path)).size).toBe(exported.bytes);

      const loaded = await context.loadSequenceFile(path, 3);
      expect(loaded).toHaveLength(exported.tokens);
      expect(await context.maxPosition(3)).toBe(exported.tokens - 1);
      await expectSameAsEvaluated(context, 3, loaded);
    },
  );

  it('of the base is one of a whole context', async () => {
    const { id, tokens } = await find('base');
    const path = join(fixture.directory, 'exported.session');
    const exported = await act((all) => all.export({ kind: 'base', id, path }));
    expect(exported).toMatchObject({ format: 'context', tokens });
    const loaded = await context.loadFile(path);
    expect(loaded).toHaveLength(tokens);
    await expectSameAsEvaluated(context, 0, loaded);
  });

  it('is one sequence where a base is in memory only', async () => {
    const { id, tokens } = await find('base');
    await act((all) => all.discard({ kind: 'base', id }));
    const path = join(fixture.directory, 'exported.session');
    const exported = await act((all) => all.export({ kind: 'base', id, path }));
    expect(exported).toMatchObject({ format: 'sequence', tokens });
    expect(await context.loadSequenceFile(path, 1)).toHaveLength(tokens);
  });

  it('is none of a session that stands on another base, which stays as it is', async () => {
    await complete();
    const { id } = await find('file');
    const path = join(fixture.directory, 'exported.session');
    await act((all) => all.detach({ kind: 'file', id }));
    await fixture.write(
      'src/more.ts',
      'export function more(a: number): number {\n  return a;\n}\n',
    );
    await engine.rebuildBase();
    const file = await find('file');
    expect(file).toMatchObject({ isOutdated: true, state: 'onDisk' });
    await expect(act((all) => all.export({ kind: 'file', id, path }))).rejects.toThrow(
      'another base',
    );
    expect((await stat(file.path ?? '')).size).toBe(file.sizeBytes);
    const old = (await engine.sessions()).find(
      ({ kind, state }) => kind === 'base' && state === 'onDisk',
    );
    // A base that does not serve is a whole context like the one that does.
    const exported = await act((all) => all.export({ kind: 'base', id: old?.id ?? '', path }));
    expect(exported).toMatchObject({ format: 'context', tokens: old?.tokens });
  });

  it('is none where something is wrong, and nothing is left behind', async () => {
    const path = join(fixture.directory, 'exported.session');
    const ref: SessionRef = { kind: 'file', id: 'file:///nowhere.ts' };
    await expect(act((all) => all.export({ ...ref, path }))).rejects.toThrow('no such session');
    await complete();
    const { id } = await find('file');
    const nowhere = join(fixture.directory, 'nowhere', 'exported');
    await expect(act((all) => all.export({ kind: 'file', id, path: nowhere }))).rejects.toThrow();
    await expect(act((all) => all.export({ kind: 'file', id, path: 'relative' }))).rejects.toThrow(
      'absolute',
    );
    expect((await readdir(fixture.directory)).sort()).toEqual(['project', 'projects', 'sessions']);
  });
});

describe('the ledger', () => {
  it('has every file that is kept, whose cells are whose, and is empty when all is removed', async () => {
    await complete();
    await complete('src/other.ts');
    await chatOnce('talk');
    await engine.saveAll();
    const ledger = await engine.ledger();
    const kinds = ledger.sessions.map(({ kind }) => kind);
    expect(kinds).toEqual(['base', 'file', 'file', 'chat']);
    expect(ledger.sessions.every(({ owner }) => owner === 'here')).toBe(true);
    expect(ledger.others.map(({ what }) => what)).toContain('projectFacts');
    const onDisk = [...(await filesIn(fixture.storage)), ...(await filesIn(projects()))];
    const named = ledger.sessions.flatMap(({ path }) => [path, `${path}.json`]);
    const known = new Set([...named, ...ledger.others.map(({ path }) => path)]);
    const unnamed = onDisk.filter((path) => !known.has(path) && !/\.(cells|meta)$/.test(path));
    // The identity of the model file, and the library's, hold nothing of anybody's source.
    expect(unnamed.filter((path) => !/\/(models|library)\.json$/.test(path))).toEqual([]);

    const { cells } = ledger;
    expect(cells.total).toBe(8192);
    expect(cells.spans.map(({ kind }) => kind)).toEqual(['base', 'file', 'file', 'chat']);
    expect(cells.spans[0]?.cells).toBe((await find('base')).tokens);
    expect(ledger.memory.bytes).toBeGreaterThan(0);

    await act((all) => all.removeAll());
    const empty = await engine.ledger();
    expect(empty.sessions).toEqual([]);
    expect(empty.others.filter(({ what }) => what === 'projectFacts')).toEqual([]);
    expect(empty.diskBytes).toBe(0);
    expect((await complete()).stats.reused).toBeGreaterThan(0);
  });

  it('has what other models and other workspaces left behind', async () => {
    await engine.close();
    const uri = 'file:///elsewhere';
    const elsewhere = {
      ...fixture.initializeParams().workspace,
      key: uri,
    };
    await (await warm({}, { workspace: elsewhere })).close();
    engine = await warm({ kvType: 'q8_0' });
    const { sessions } = await engine.ledger();
    expect(sessions.map(({ owner }) => owner)).toEqual(['here', 'otherModel', 'otherWorkspace']);
    expect(sessions.at(-1)?.workspace).toBe(uri);
    await act((all) => all.removeAll());
    expect((await engine.ledger()).sessions).toEqual([]);
  });
});

describe('diagnostics', () => {
  it('say what the engine runs on, and nothing of what it works on', async () => {
    await fixture.write('src/zebrafish.ts', 'export const marmalade = 1;\n');
    const { stats } = await engine.complete(
      fixture.at('src/zebrafish.ts', 'const marmalade = 1;\nconst quokka = ║\n'),
      never,
    );
    expect(stats.evaluated).toBeGreaterThan(0);
    const facts = await engine.diagnostics();
    expect(facts).toMatchObject({
      library: { variant: 'cpu' },
      model: { fim: true },
      context: { cells: 8192, threads: 1, kvType: 'f16' },
    });
    expect(facts.machine.processors).toBeGreaterThan(0);
    expect(JSON.stringify(facts)).not.toMatch(/zebrafish|marmalade|quokka|twice|project/);
    expect(JSON.stringify(facts)).not.toContain(fixture.directory);
  });
});

/** What was loaded gives the logits of a context that evaluated the same tokens. */
async function expectSameAsEvaluated(
  context: Context,
  sequence: number,
  tokens: Int32Array,
): Promise<void> {
  const next = someTokens(await loadStandIn(), 4);
  await append(context, sequence, next);
  const logits = await context.lastLogits();
  await context.clear();
  for (let at = 0; at < tokens.length; at += 512)
    await append(context, 0, tokens.slice(at, at + 512));
  await append(context, 0, next);
  const expected = await context.lastLogits();
  // Other batches: the last bits may differ.
  const largest = Math.max(...logits.map((value, at) => Math.abs(value - (expected[at] ?? 0))));
  expect(sameFloats(logits, expected) || largest < 0.05, `difference ${largest}`).toBe(true);
}

async function warm(...options: Parameters<Fixture['start']>): Promise<Engine> {
  const started = fixture.start(...options);
  await started.whenWarm();
  return started;
}

function act<T>(work: Parameters<typeof engine.withSessions<T>>[0]): Promise<T> {
  return engine.withSessions(work);
}

function projects(): string {
  return join(dirname(fixture.storage), 'projects');
}

async function filesIn(directory: string): Promise<string[]> {
  const all = await readdir(directory, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}
