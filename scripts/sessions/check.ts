import { relative } from 'node:path';
import { formatCount } from '../../src/base/format.ts';
import { findProblems, type StoreProblem } from '../../src/cache/storeCheck.ts';
import { scanStore } from '../../src/cache/storeScan.ts';
import { CommandFailure, type CommandInput, type CommandResult } from './commandTypes.ts';
import { findDisagreements, manifestBeside, readHeader } from './sessionFile.ts';

/** Everything the store checks by itself, and every byte of every session. */
export async function checkSessions({ root }: CommandInput): Promise<CommandResult> {
  const scan = await scanStore(root);
  const found: StoreProblem[] = [...(await findProblems(scan))];
  const reported = new Set(found.map(({ path }) => path));
  let checked = 0;
  for (const { path } of scan.sessions) {
    if (reported.has(path)) continue;
    checked++;
    for (const problem of await findContentProblems(path)) found.push({ path, problem });
  }
  const problems = found.map(({ path, problem }) => ({ path: relative(root, path), problem }));
  const lines = problems.map(({ path, problem }) => `${path}: ${problem}`);
  const verdict =
    problems.length === 0 ? 'Everything is in order' : `${formatCount(problems.length)} problems`;
  const text = [...lines, `${verdict}: ${formatCount(checked)} sessions read, in ${root}`];
  return { ok: problems.length === 0, text: text.join('\n'), data: { root, checked, problems } };
}

async function findContentProblems(path: string): Promise<readonly string[]> {
  try {
    const manifest = await manifestBeside(path);
    return manifest === undefined
      ? []
      : await findDisagreements(path, await readHeader(path), manifest);
  } catch (error) {
    if (error instanceof CommandFailure) return [error.message];
    throw error;
  }
}
