/** All parts, in the order of the table. */
import type { ResultRow } from '../lib/result.ts';
import type { Bench, BenchPart, PartName } from './part.ts';
import { coldPart } from './rows/cold.ts';
import { decodePart } from './rows/decode.ts';
import { filesPart } from './rows/files.ts';
import { draftPart } from './rows/draft.ts';
import { forkPart } from './rows/fork.ts';
import { hostPart } from './rows/host.ts';
import { openPart } from './rows/open.ts';
import { projectPart } from './rows/project.ts';
import { overheadPart } from './rows/overhead.ts';
import { restorePart } from './rows/restore.ts';
import { savePart } from './rows/save.ts';
import { secondPart } from './rows/second.ts';
import { slopeRows } from './rows/slopes.ts';
import { tokenisePart } from './rows/tokenise.ts';
import { typingPart } from './rows/typing.ts';
import { windowsPart } from './rows/windows.ts';

export const parts: Readonly<Record<PartName, BenchPart>> = {
  open: openPart,
  fork: forkPart,
  restore: restorePart,
  cold: coldPart,
  second: secondPart,
  save: savePart,
  overhead: overheadPart,
  decode: decodePart,
  draft: draftPart,
  tokenise: tokenisePart,
  windows: windowsPart,
  typing: typingPart,
  host: hostPart,
  project: projectPart,
  files: filesPart,
};

export interface PartsResult {
  readonly rows: readonly ResultRow[];
  /** Parts that failed, and why. */
  readonly failures: readonly { readonly part: PartName; readonly error: unknown }[];
}

/** One after the other: nothing is measured beside something else. A part that fails does not end the others. */
export async function runParts(names: readonly PartName[], bench: Bench): Promise<PartsResult> {
  const rows: ResultRow[] = [];
  const failures: { part: PartName; error: unknown }[] = [];
  for (const part of names) {
    const began = performance.now();
    try {
      const measured = await parts[part](bench);
      rows.push(...[...measured, ...slopeRows(measured)].map((row) => ({ part, ...row })));
    } catch (error) {
      failures.push({ part, error });
    }
    bench.note(`${part}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  return { rows, failures };
}
