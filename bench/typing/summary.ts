/** Numbers of one player over all segments. */
import { mean, median, quantile, sum } from '../lib/statistics.ts';
import type { KeyRecord, SegmentRecord } from './replay.ts';

export interface TypingSummary {
  readonly keys: number;
  readonly newLines: number;
  readonly engineCallsPerKey: number;
  /** Engine calls at keys that were typed as suggested. */
  readonly callsAsSuggested: number;
  readonly keysAsSuggested: number;
  /** Prompt tokens evaluated per key. */
  readonly evaluated: Distribution;
  readonly evaluatedAtNewLines: Distribution;
  /** Everything that went through `llama_decode`, per key: prompts, generated text, work in the background. */
  readonly decodedPerKey: number;
  /** Of keys that went to the engine and were not superseded, in ms, debounce included. */
  readonly firstText: Distribution;
  readonly whole: Distribution;
  readonly debounce: Distribution;
  readonly shown: number;
  readonly accepted: number;
  readonly cancelled: number;
  readonly prefetches: number;
  readonly failed: number;
  readonly errors: readonly string[];
}

export interface Distribution {
  readonly p50: number;
  readonly mean: number;
  readonly p95: number;
}

export function summarize(segments: readonly SegmentRecord[]): TypingSummary {
  const keys = segments.flatMap((segment) => segment.keys);
  const newLines = keys.filter(({ kind }) => kind === 'newLine');
  const suggested = keys.filter(({ asSuggested }) => asSuggested);
  const answered = keys.filter(
    ({ answer }) => answer.engineCalls > 0 && answer.outcome !== 'cancelled',
  );
  const calls = (of: readonly KeyRecord[]): number =>
    sum(of.map(({ answer }) => answer.engineCalls));
  const outcomes = (outcome: string): number =>
    keys.filter(({ answer }) => answer.outcome === outcome).length;
  return {
    keys: keys.length,
    newLines: newLines.length,
    engineCallsPerKey: calls(keys) / keys.length,
    callsAsSuggested: calls(suggested),
    keysAsSuggested: suggested.length,
    evaluated: distribution(keys.map(({ answer }) => answer.evaluated)),
    evaluatedAtNewLines: distribution(newLines.map(({ answer }) => answer.evaluated)),
    decodedPerKey: sum(segments.map(({ tokensDecoded }) => tokensDecoded)) / keys.length,
    firstText: distribution(answered.flatMap(({ answer }) => answer.firstTextMs ?? [])),
    whole: distribution(answered.map(({ answer }) => answer.wholeMs)),
    debounce: distribution(answered.map(({ answer }) => answer.debounceMs)),
    shown: outcomes('offered'),
    accepted: sum(segments.map(({ accepted }) => accepted)),
    cancelled: outcomes('cancelled'),
    prefetches: sum(keys.map(({ answer }) => answer.prefetches)),
    failed: outcomes('failed'),
    errors: [...new Set(keys.flatMap(({ answer }) => answer.error ?? []))],
  };
}

function distribution(values: readonly number[]): Distribution {
  return { p50: median(values), mean: mean(values), p95: quantile(values, 0.95) };
}
