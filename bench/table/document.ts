/** Puts a run into a document, between two marks, so that what is written around it stays. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BenchResult } from '../lib/result.ts';
import { benchTable, goalsInWords } from './table.ts';

const begin = '<!-- begin: npm run bench -->';
const end = '<!-- end: npm run bench -->';

/** Rejects when the document lacks the marks. */
export async function writeIntoDocument(
  path: string,
  result: BenchResult,
  command: string,
): Promise<void> {
  await writeFile(path, withRun(await readFile(path, 'utf8'), result, command));
}

/** The command as somebody else would give it: without where this one put its results. */
export function shownCommand(args: readonly string[]): string {
  const own = ['--json', '--write', '--compare'];
  const isOwn = (arg: string | undefined): boolean => own.some((one) => arg?.split('=')[0] === one);
  const isValue = (at: number): boolean => own.includes(args[at - 1] ?? '');
  const kept = args.filter((arg, at) => !isOwn(arg) && !isValue(at));
  const shown = kept.map((arg, at) => (kept[at - 1] === '--model' ? basename(arg) : arg));
  return ['npm run bench', ...(shown.length === 0 ? [] : ['--', ...shown])].join(' ');
}

/** The document with this run instead of the last. */
export function withRun(document: string, result: BenchResult, command: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no "${begin}" and "${end}"`);
  const { machine } = result;
  const run = `${machine.date.slice(0, 10)}, commit ${machine.commit}, model ${machine.model}: \`${command}\``;
  const facts = [
    `${machine.processors} × ${machine.processor}`,
    `${machine.memoryGiB} GiB`,
    machine.system,
    `Node ${machine.node}`,
    `llama.cpp of ${machine.llama}`,
    `load at the start ${machine.loadAtStart.toFixed(1)}`,
  ];
  const { rows } = result;
  const text = [run, `${facts.join(', ')}.`, goalsInWords(rows), benchTable(rows)].join('\n\n');
  return `${document.slice(0, from)}${begin}\n\n${text}\n\n${document.slice(to)}`;
}
