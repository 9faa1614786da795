/**
 * The benchmark in small, on the stand-in model: what it counts, not how long it takes. Typing has a test of its own
 * (typing.test.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResultRow } from '../../bench/lib/result.ts';
import type { Bench } from '../../bench/table/part.ts';
import { parts } from '../../bench/table/parts.ts';
import { standInModel } from '../engine/engineFixture.ts';

/** Of a token in the stand-in model: in each of 4 layers a row of K and one of V, of 192 values of 2 bytes. */
const cellBytes = 4 * 2 * 192 * 2;

let folder: string;
let bench: Bench;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warmfork-bench-test-'));
  bench = {
    model: standInModel,
    quick: true,
    threads: 1,
    runs: 1,
    folder,
    llamaServer: undefined,
    nodeLlamaCpp: false,
    note: () => undefined,
  };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Values of counted rows by name. */
function counted(rows: readonly ResultRow[], ...units: string[]): Record<string, number> {
  const found = rows.filter(({ unit }) => units.includes(unit));
  return Object.fromEntries(found.map(({ name, ours }) => [name, ours]));
}

describe('the parts of the benchmark, counted', () => {
  it('a known project is opened without evaluating its base, and its first suggestion with one token', async () => {
    const rows = await parts.open(bench);
    expect(counted(rows, 'tokens')).toEqual({
      'base tokens evaluated when a known project is opened': 0,
      'prompt tokens evaluated for that first suggestion': 1,
    });
    // Nobody to compare with: no ratio and no verdict, instead of a failure.
    const [first] = rows;
    expect(first).toMatchObject({ peers: {}, goal: '≥ 20 ×' });
    expect(first).not.toHaveProperty('ratio');
    expect(first).not.toHaveProperty('met');
  });

  it.runIf(process.platform === 'linux')('forks add no memory to the cells', async () => {
    expect(counted(await parts.fork(bench), 'KiB')).toEqual({
      'memory that 24 forks of 1,024 tokens add to the cells': 0,
      'memory that 24 forks of 2,048 tokens add to the cells': 0,
    });
  });

  it('a base in place copies no byte; by copy it is all of them', async () => {
    const rows = (await parts.restore(bench)).filter(({ unit }) => unit === 'bytes');
    expect(rows.map(({ ours }) => ours)).toEqual([0, 0]);
    const copied = rows.map(({ peers }) => peers['by copy']!);
    for (const [at, tokens] of [1024, 2048].entries()) {
      expect(copied[at]).toBeGreaterThanOrEqual(tokens * cellBytes);
      expect(copied[at]).toBeLessThan(1.05 * tokens * cellBytes);
    }
  });

  it.runIf(process.platform === 'linux')('a cold disk is measured beside reading it', async () => {
    const notes: string[] = [];
    const rows = await parts.cold({ ...bench, note: (text) => notes.push(text) });
    if (notes.length > 0) return; // a file system in memory has no disk
    expect(rows.map(({ name }) => name)).toEqual([
      'cold: image of 2,048 tokens read ahead, checksum included',
      'cold: restore of 2,048 tokens by copy',
    ]);
    for (const { peers } of rows) expect(Object.keys(peers)).toEqual(['sequential read']);
  });

  it('a save writes what is above the base, and no more', async () => {
    const perToken = counted(await parts.save(bench), 'bytes');
    const few = perToken['save of 64 own tokens: file, for each of them']!;
    const many = perToken['save of 512 own tokens: file, for each of them']!;
    expect(many).toBeGreaterThanOrEqual(cellBytes);
    expect(few).toBeLessThan(1.05 * cellBytes);
    expect(few / many).toBeLessThan(1.02);
  });

  it('a chat after a completion evaluates no base token', async () => {
    const rows = counted(await parts.second(bench), 'tokens');
    expect(rows['chat after a completion: base tokens evaluated again']).toBe(0);
    const asked = rows['chat after a completion: prompt tokens evaluated'];
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(200); // the system message and the question
  });

  it('a typed character costs the tokenising of what was typed, whatever the document', async () => {
    const rows = counted(await parts.tokenise(bench), 'characters');
    const [edited, ...typed] = Object.values(rows).reverse();
    expect(typed).toHaveLength(3);
    expect(new Set(typed).size).toBe(1);
    expect(typed[0]).toBeLessThan(100);
    expect(edited).toBeLessThan(2000); // the one file
  });

  it('a typed character costs few engine calls', async () => {
    const rows = await parts.overhead(bench);
    const calls = counted(rows, 'calls')['decodes of a request after a typed character'];
    expect(calls).toBeGreaterThanOrEqual(1);
    expect(calls).toBeLessThanOrEqual(5); // 4 tokens, and one more decode for what was typed
  });

  it('drafts never take more decodes', async () => {
    const rows = (await parts.draft(bench)).filter(({ unit }) => unit === 'calls');
    expect(rows.map(({ peers }) => peers['without drafts'])).toEqual([1, 1, 1]);
    for (const { ours } of rows) expect(ours).toBeLessThanOrEqual(1);
  });

  it('a token of an answer takes one decode', async () => {
    const rows = await parts.decode(bench);
    const name = 'decodes for a token of an answer, with its prompt and its end';
    // 16 tokens, and one decode more for what was asked, and one for what ends the turn.
    expect(counted(rows, 'calls')[name]).toBe(18 / 16);
    // Without llama-bench there is nothing to compare with.
    expect(rows[0]).not.toHaveProperty('ratio');
  });

  it.runIf(process.platform === 'linux')(
    'a second window evaluates no base token, and shares the engine',
    async () => {
      const rows = await parts.windows(bench);
      expect(counted(rows, 'tokens')).toEqual({
        '2 windows, one engine: base tokens evaluated': 0,
        '2 windows, an engine each: base tokens evaluated': 0,
      });
    },
  );

  it('a look at a project reads and parses what changed, whatever its size', async () => {
    const rows = await parts.project(bench);
    expect(counted(rows, 'files')).toEqual({
      'project of 200 files: files read after an edit of one': 1,
      'project of 200 files: files parsed after an edit of one': 1,
    });
    expect(rows.filter(({ name }) => name.includes('factor for twice'))).toHaveLength(3);
  });

  it('a file that had to wait in its file costs no more than one that did not', async () => {
    const rows = await parts.files(bench);
    expect(counted(rows, 'tokens')).toEqual({
      '1 file open: a character in the one left alone longest': 1,
      '36 files open: a character in the one left alone longest': 1,
    });
    const sessions = counted(rows, 'sessions');
    expect(sessions['36 files open: sessions put into their files']).toBeGreaterThan(0);
    expect(sessions['36 files open: sessions taken from their files again']).toBe(2);
  });
});
