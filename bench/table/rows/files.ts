/**
 * Files 1 → 200: one after the other is opened and completed in; then a person comes back to those that were left alone
 * longest, and types a character. There are 32 sequences: what has none waits in its file.
 */
import type { EngineSupervisor } from '../../../src/client/engineSupervisor.ts';
import type { CompletionParams } from '../../../src/protocol/requests.ts';
import { growthPerDoubling } from '../../lib/growth.ts';
import type { ResultRow } from '../../lib/result.ts';
import { median } from '../../lib/statistics.ts';
import { residentMiB } from '../../lib/residentMemory.ts';
import type { Bench } from '../part.ts';
import { makeProject, requestAt, warm, withWindow, type Project } from '../project.ts';
import { factorWords } from './slopes.ts';
import { measuredRow } from '../row.ts';

/** A small base: what is asked here does not depend on its length, and it is evaluated first. */
const baseTokens = 512;
const typed = 'text.split(separator)';

interface FilesCost {
  readonly open: number;
  /** Of each visit. */
  readonly evaluated: readonly number[];
  readonly ms: readonly number[];
  /** Since the engine started. */
  readonly detached: number;
  readonly attached: number;
  readonly memoryMiB: number;
}

export async function filesPart(bench: Bench): Promise<ResultRow[]> {
  const made = makeProject(bench, 'files');
  const settings = { ...made.params.settings, baseTokens };
  const project = { ...made, params: { ...made.params, settings } };
  const counts = bench.quick ? [1, 36] : [1, 8, 32, 64, 200];
  const visits = bench.quick ? 2 : 5;
  const costs = await withWindow(project, async (engine) => {
    await warm(engine);
    return new Visitor(engine, project).visitAll(counts, visits);
  });
  const [few, many] = [costs.at(0)!, costs.at(-1)!];
  return [...rowsOf(few), ...rowsOf(many), ...filedRows(many), ...growthRows(costs)];
}

class Visitor {
  readonly #engine: EngineSupervisor;
  readonly #project: Project;
  /** Numbers of open files, the one that was left alone longest first. */
  readonly #files: number[] = [];
  /** Characters typed, by file. */
  readonly #typed = new Map<number, number>();

  constructor(engine: EngineSupervisor, project: Project) {
    this.#engine = engine;
    this.#project = project;
  }

  /** At each number of open files goes back to as many as `visits`. */
  async visitAll(counts: readonly number[], visits: number): Promise<FilesCost[]> {
    const costs: FilesCost[] = [];
    for (const count of counts) {
      for (let file = this.#files.length; file < count; file++) {
        this.#files.push(file);
        await this.#engine.complete(this.#request(file));
      }
      costs.push(await this.#visit(visits));
    }
    return costs;
  }

  async #visit(visits: number): Promise<FilesCost> {
    const evaluated: number[] = [];
    const ms: number[] = [];
    for (let visit = 0; visit < visits; visit++) {
      const file = this.#files.shift() ?? 0;
      this.#files.push(file);
      this.#typed.set(file, (this.#typed.get(file) ?? 0) + 1);
      const began = performance.now();
      const { stats } = await this.#engine.complete(this.#request(file));
      ms.push(performance.now() - began);
      evaluated.push(stats.evaluated);
    }
    const { sequencesDetached, overlaysRestored } = await this.#engine.counters();
    return {
      ...{ open: this.#files.length, evaluated, ms },
      ...{ detached: sequencesDetached, attached: overlaysRestored },
      memoryMiB: residentMiB(this.#engine.pid),
    };
  }

  /** Short: two hundred of them are evaluated. */
  #request(file: number): CompletionParams {
    const place = requestAt(this.#project, file, 1);
    const begin = `export const linesOf${file} = (text: string): string[] =>\n  `;
    return { ...place, prefix: begin + typed.slice(0, this.#typed.get(file) ?? 0), suffix: ';\n' };
  }
}

function rowsOf({ open, evaluated, ms, memoryMiB }: FilesCost): ResultRow[] {
  const files = filesOpen(open);
  return [
    measuredRow({
      ...{ name: `${files}: a character in the one left alone longest`, unit: 'tokens' },
      ...{ ours: evaluated, goal: { kind: 'atMost', value: 2 } },
    }),
    measuredRow({ name: `${files}: time of that character`, unit: 'ms', ours: ms }),
    measuredRow({ name: `${files}: memory of the engine`, unit: 'MiB', ours: [memoryMiB] }),
  ];
}

function filedRows({ open, detached, attached }: FilesCost): ResultRow[] {
  const row = (name: string, count: number): ResultRow =>
    measuredRow({ name: `${filesOpen(open)}: sessions ${name}`, unit: 'sessions', ours: [count] });
  return [row('put into their files', detached), row('taken from their files again', attached)];
}

function filesOpen(count: number): string {
  return count === 1 ? '1 file open' : `${count} files open`;
}

function growthRows(costs: readonly FilesCost[]): ResultRow[] {
  const grown = (name: string, cost: (one: FilesCost) => number): ResultRow =>
    measuredRow({
      ...{ name: `${name}: ${factorWords} the open files`, unit: '×' },
      ours: [growthPerDoubling(costs.map((one) => ({ at: one.open, cost: cost(one) })))],
      goal: { kind: 'atMost', value: 1.1 },
    });
  return [
    grown('a character in a file left alone', ({ ms }) => median(ms)),
    grown('memory of the engine', ({ memoryMiB }) => memoryMiB),
  ];
}
