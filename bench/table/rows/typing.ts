/** Keystrokes to suggestions, replayed (bench/typing): the rows that have a goal, and the mean behind the median. */
import type { ResultRow } from '../../lib/result.ts';
import { measureTyping } from '../../typing/measure.ts';
import type { TypingOptions } from '../../typing/options.ts';
import { typingRows } from '../../typing/report.ts';
import type { Bench } from '../part.ts';
import { makeProject, sizes } from '../project.ts';

export async function typingPart(bench: Bench): Promise<ResultRow[]> {
  const [[, ours] = [], ...peers] = await measureTyping(optionsOf(bench));
  if (ours === undefined) return [];
  const rows = typingRows(ours, new Map(peers));
  const failed = rows.filter(({ name, ours: count }) => name === 'requests failed' && count > 0);
  const shown = rows.filter(
    ({ name, goal }) => goal !== undefined || name === 'tokens evaluated per key, mean',
  );
  return [...shown, ...failed].map((row) => ({ ...row, name: `typing: ${row.name}` }));
}

function optionsOf(bench: Bench): TypingOptions {
  const { model, threads, quick, llamaServer } = bench;
  return {
    ...{ model, threads, workspace: makeProject(bench, 'typing').path },
    ...{ segments: quick ? 1 : 3, keys: quick ? 20 : 60, predict: 8 },
    ...{ pace: quick ? 'fast' : 'awaited', seed: 1, json: undefined },
    ...{ peers: llamaServer === undefined ? [] : ['psm'], baseTokens: sizes(bench).baseTokens },
  };
}
