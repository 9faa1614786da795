/** npm run bench:typing: one trace, all players, one run. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { machineFacts } from '../lib/machine.ts';
import { resultTable, type BenchResult } from '../lib/result.ts';
import { ensureShapeModel, shapeModelPath } from '../lib/shapeModel.ts';
import { measureTyping } from './measure.ts';
import { parseTypingOptions, typingHelp, type TypingOptions } from './options.ts';
import { typingRows } from './report.ts';
import type { TypingSummary } from './summary.ts';

async function run(options: TypingOptions): Promise<void> {
  if (options.model === shapeModelPath('0.5b')) await ensureShapeModel('0.5b');
  if (!existsSync(options.model)) throw new Error(`there is no model at ${options.model}`);
  const machine = machineFacts(options.model);
  await report(await measureTyping(options), machine, options);
}

async function report(
  summaries: ReadonlyMap<string, TypingSummary>,
  machine: BenchResult['machine'],
  options: TypingOptions,
): Promise<void> {
  const [[, ours] = [], ...peers] = summaries;
  if (ours === undefined) return;
  const result: BenchResult = { machine, rows: typingRows(ours, new Map(peers)) };
  console.log(resultTable(result.rows));
  for (const [name, { errors }] of summaries)
    if (errors.length > 0) console.log(`\n${name}: ${errors.join('; ')}`);
  const { json, ...shownOptions } = options;
  if (json === undefined) return;
  const detail = { options: shownOptions, summaries: Object.fromEntries(summaries) };
  await writeFile(json, `${JSON.stringify({ ...result, ...detail }, undefined, 2)}\n`);
}

const options = parseTypingOptions(process.argv.slice(2));
if (options === undefined) console.log(typingHelp);
else await run(options);
