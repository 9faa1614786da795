/** npm run bench: every part in one run, one table. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot } from '../scripts/lib/paths.ts';
import { llamaServerPath } from './lib/llamaServerPath.ts';
import { machineFacts } from './lib/machine.ts';
import type { BenchResult } from './lib/result.ts';
import { ensureShapeModel } from './lib/shapeModel.ts';
import { missingRows, readResult, regressionLines, regressions } from './table/compare.ts';
import { shownCommand, writeIntoDocument } from './table/document.ts';
import { benchHelp, parseBenchOptions, type BenchOptions } from './table/options.ts';
import { runParts } from './table/parts.ts';
import { benchTable, goalsInWords } from './table/table.ts';

const note = (text: string): void => console.error(text);

async function run(options: BenchOptions, args: readonly string[]): Promise<void> {
  const { quick, runs, threads } = options;
  // Read before hours of work: a name that is wrong is known at once.
  const before = options.compare === undefined ? undefined : await readResult(options.compare);
  const model = await chooseModel(options);
  const llamaServer = await findLlamaServer(options);
  const machine = machineFacts(model);
  const folder = mkdtempSync(join(tmpdir(), 'warmfork-bench-'));
  try {
    const nodeLlamaCpp = options.peers === 'all';
    const bench = { model, quick, threads, runs, folder, llamaServer, nodeLlamaCpp, note };
    const { rows, failures } = await runParts(options.parts, bench);
    await report({ machine, rows }, options, shownCommand(args));
    for (const { part, error } of failures) console.error(`\n${part} failed:`, error);
    const worse = before === undefined ? [] : regressions(before, { machine, rows });
    const gone = before === undefined ? [] : missingRows(before, { machine, rows });
    if (gone.length > 0) console.log(`\nNo longer measured:\n${gone.join('\n')}`);
    if (worse.length > 0) console.log(`\nWorse than before:\n${regressionLines(worse)}`);
    if (failures.length + worse.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function report(result: BenchResult, options: BenchOptions, command: string): Promise<void> {
  console.log(`${benchTable(result.rows)}\n\n${goalsInWords(result.rows)}`);
  const { json, write } = options;
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (write !== undefined) await writeIntoDocument(write, result, command);
}

async function chooseModel({ model, quick, shape }: BenchOptions): Promise<string> {
  const chosen =
    model ?? (quick ? inRoot('models', 'stand-in.gguf') : await ensureShapeModel(shape));
  if (existsSync(chosen)) return chosen;
  throw new Error(`there is no model at ${chosen}; --model takes the path of a GGUF file`);
}

/** Without a compiler there is none: its columns are dashes then. */
async function findLlamaServer({ peers }: BenchOptions): Promise<string | undefined> {
  if (peers === 'none') return undefined;
  try {
    return await llamaServerPath();
  } catch (error) {
    note(`without llama-server: ${String(error)}`);
    return undefined;
  }
}

const args = process.argv.slice(2);
const options = parseBenchOptions(args);
if (options === undefined) console.log(benchHelp);
else await run(options, args);
