/** Places in real functions, chosen by seed, with the text that really stands there. */
import type { Prng } from '../../scripts/model/prng.ts';
import { integer, shuffle } from '../lib/choose.ts';
import type { SourceFile } from '../lib/sourceFiles.ts';
import { sourceFunctions, type SourceFunction } from '../lib/sourceFunctions.ts';

/** `line`: from somewhere in a line to its end. `block`: from the start of a line, several lines. */
export type CaseKind = 'line' | 'block';

export interface QualityCase {
  readonly path: string;
  readonly languageId: string;
  readonly kind: CaseKind;
  /** Text of the file before and after what was cut out. */
  readonly prefix: string;
  readonly suffix: string;
  /** What was cut out, without a line end at its end. */
  readonly truth: string;
}

export interface CaseOptions {
  /** Files that cases are cut from; none of them may be in a base. */
  readonly files: number;
  readonly casesPerFile: number;
}

export interface CaseSet {
  readonly cases: readonly QualityCase[];
  /** Paths of the files that cases were cut from. */
  readonly heldOut: readonly string[];
}

const blockLines = { least: 2, most: 4 };
/** Shorter rests of a line say little. */
const leastTruth = 3;

/** The same files, seed and options give the same cases. */
export async function makeCases(
  files: readonly SourceFile[],
  prng: Prng,
  options: CaseOptions,
): Promise<CaseSet> {
  const cases: QualityCase[] = [];
  const heldOut: string[] = [];
  for (const file of shuffle(prng, files)) {
    if (heldOut.length >= options.files) break;
    const functions = await sourceFunctions(file.text, file.languageId);
    const chosen = shuffle(prng, functions).slice(0, options.casesPerFile);
    const found = chosen.flatMap((target, at) => cut(file, target, at % 2 === 0, prng) ?? []);
    if (found.length === 0) continue;
    heldOut.push(file.path);
    cases.push(...found);
  }
  return { cases, heldOut: heldOut.sort() };
}

function cut(
  file: SourceFile,
  target: SourceFunction,
  wantsLine: boolean,
  prng: Prng,
): QualityCase | undefined {
  const lines = linesOf(file.text, target).filter(({ text }) => text.trim().length > leastTruth);
  const line = lines[integer(prng, 0, Math.max(0, lines.length - 1))];
  if (line === undefined) return undefined;
  return wantsLine ? cutLine(file, line, prng) : cutBlock(file, target, line, prng);
}

interface Line {
  readonly offset: number;
  readonly text: string;
}

function linesOf(text: string, { start, end }: SourceFunction): Line[] {
  const lines: Line[] = [];
  for (let offset = text.indexOf('\n', start) + 1; offset > 0 && offset < end;) {
    const lineEnd = text.indexOf('\n', offset);
    const until = lineEnd < 0 || lineEnd > end ? end : lineEnd;
    lines.push({ offset, text: text.slice(offset, until) });
    offset = until + 1;
  }
  return lines;
}

/** Anywhere behind the indentation, so that at least a few characters are cut out. */
function cutLine(file: SourceFile, { offset, text }: Line, prng: Prng): QualityCase {
  const indent = text.length - text.trimStart().length;
  const column = integer(prng, indent, text.trimEnd().length - leastTruth);
  return caseAt(file, 'line', offset + column, offset + text.trimEnd().length);
}

/** Behind the indentation of a line, as an editor leaves the cursor after Enter. */
function cutBlock(
  file: SourceFile,
  { end }: SourceFunction,
  { offset, text }: Line,
  prng: Prng,
): QualityCase {
  const start = offset + text.length - text.trimStart().length;
  let until = offset + text.length;
  for (let n = integer(prng, blockLines.least, blockLines.most); n > 1 && until < end; n--) {
    const next = file.text.indexOf('\n', until + 1);
    until = next < 0 ? end : Math.min(next, end);
  }
  const truth = file.text.slice(start, until).trimEnd();
  return caseAt(file, 'block', start, start + truth.length);
}

function caseAt(file: SourceFile, kind: CaseKind, start: number, end: number): QualityCase {
  const { path, languageId, text } = file;
  return {
    path,
    languageId,
    kind,
    prefix: text.slice(0, start),
    suffix: text.slice(end),
    truth: text.slice(start, end),
  };
}
