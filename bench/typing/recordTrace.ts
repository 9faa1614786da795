/** Chooses functions of a project, by seed, and records how they were typed. */
import { Prng } from '../../scripts/model/prng.ts';
import { shuffle } from '../lib/choose.ts';
import { sourceFiles } from '../lib/sourceFiles.ts';
import { sourceFunctions } from '../lib/sourceFunctions.ts';
import { recordSegment } from './recordSegment.ts';
import type { TypingSegment } from './trace.ts';

export interface TraceOptions {
  readonly workspace: string;
  readonly seed: number;
  readonly segments: number;
  readonly keysPerSegment: number;
  /** Files with fewer lines are left out, so that windows are as long as in real work. Default 120. */
  readonly minLines?: number;
}

const shareOfSlips = 0.03;

/** One function each of different files; rejects when the project has none. The same files and seed give the same trace. */
export async function recordTrace(options: TraceOptions): Promise<TypingSegment[]> {
  const { segments: wanted, minLines = 120 } = options;
  const prng = new Prng(options.seed);
  const files = (await sourceFiles(options.workspace)).filter(
    ({ text }) => text.split('\n').length >= minLines,
  );
  const segments: TypingSegment[] = [];
  for (const file of shuffle(prng, files)) {
    if (segments.length >= wanted) break;
    const functions = await sourceFunctions(file.text, file.languageId);
    const target = shuffle(prng, functions).find(({ lines }) => lines >= 3 && lines <= 40);
    if (target === undefined) continue;
    const excursion = segments.length % 2 === 1;
    const record = { maxKeys: options.keysPerSegment, slips: shareOfSlips, excursion };
    segments.push(recordSegment(file, target, prng, record));
  }
  if (segments.length > 0) return segments;
  throw new Error(`${options.workspace} has no source file of ${minLines} lines with a function`);
}
