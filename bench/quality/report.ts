/** Sums over cases: shares, perplexity and bits per byte. */
import { markdownTable } from '../lib/result.ts';
import { mean, sum } from '../lib/statistics.ts';
import type { CaseResult } from './evaluate.ts';

export interface QualityScore {
  readonly cases: number;
  /** Shares of cases, 0 to 1. */
  readonly exact: number;
  readonly firstLine: number;
  readonly similarity: number;
  /** Of the true text, by the tokens the tokenizer makes of it: the same tokens for every variant. */
  readonly perplexity: number;
  readonly bitsPerByte: number;
}

export function score(results: readonly CaseResult[]): QualityScore {
  const nll = sum(results.map((result) => result.nll));
  return {
    cases: results.length,
    exact: mean(results.map(({ exact }) => Number(exact))),
    firstLine: mean(results.map(({ firstLine }) => Number(firstLine))),
    similarity: mean(results.map(({ similarity }) => similarity)),
    perplexity: Math.exp(nll / sum(results.map(({ tokens }) => tokens))),
    bitsPerByte: nll / Math.LN2 / sum(results.map(({ bytes }) => bytes)),
  };
}

/** Scores by what `keyOf` says, in the order of the first result of each. */
export function scoresBy(
  results: readonly CaseResult[],
  keyOf: (result: CaseResult) => string,
): ReadonlyMap<string, QualityScore> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const key = keyOf(result);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return new Map([...groups].map(([key, group]) => [key, score(group)]));
}

export function variantName({ variant }: CaseResult): string {
  return `${variant.base}, healing ${variant.healing ? 'on' : 'off'}`;
}

const head = ['', 'cases', 'exact', 'first line', 'similarity', 'perplexity', 'bits/byte'];

export function scoreTable(scores: ReadonlyMap<string, QualityScore>): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = [...scores].map(([name, of]) => [
    name,
    String(of.cases),
    percent(of.exact),
    percent(of.firstLine),
    percent(of.similarity),
    of.perplexity.toPrecision(4),
    of.bitsPerByte.toFixed(3),
  ]);
  return markdownTable(head, rows);
}
