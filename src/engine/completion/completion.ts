/** An inline completion: prompt, request, stop rules, filters. */
import { isSecretPath } from '../../project/secretPaths.ts';
import type {
  CompletionParams,
  CompletionResult,
  DropReason,
  RequestStats,
  StopReason,
} from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import { generateCandidates, type Candidate } from './candidates.ts';
import { completionPrompt } from './completionPrompt.ts';
import { applyFilters, type Filtered } from '../filters/chain.ts';
import { generate } from '../inference/generate.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Anchor } from '../prompt/anchor.ts';
import type { FimPrompt } from '../prompt/fimPrompt.ts';
import { recoverAnchor } from '../prompt/recoverAnchor.ts';
import { refreshPlace } from '../overlay/refreshPlace.ts';
import type { Runtime } from '../runtime.ts';
import type { Priority } from '../inference/scheduler.ts';
import { StopRules } from '../stop/stopRules.ts';
import { trace } from '../trace.ts';

export const defaultMaxTokens = { line: 48, block: 128, comment: 128 };
export const maxCandidates = 8;
/** A restored session takes one, and a fork of it another. */
const sequencesToRestore = 2;

export interface CompletionOptions {
  readonly signal: AbortSignal;
  /** Gets the text as it is generated. */
  readonly onText?: ((text: string) => void) | undefined;
  /** False: another window is the one in use, and its requests go first. Default true. */
  readonly inUse?: boolean | undefined;
  /** Aborted when the engine ends: for what goes on after the answer. */
  readonly ending: AbortSignal;
}

/** Answers one completion request. Must run inside the gate. */
export async function complete(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  params: CompletionParams,
  options: CompletionOptions,
): Promise<CompletionResult> {
  if (isSecretPath(params.path)) return { ...emptyResult('stop'), dropped: 'secretFile' };
  const started = performance.now();
  const name = { kind: 'file', uri: params.uri } as const;
  const isAhead = params.trigger === 'prefetch';
  const forPerson = options.inUse === false ? 'inlineElsewhere' : 'inline';
  const priority = isAhead ? 'prefetch' : forPerson;
  return overlays.use(name, async (overlay) => {
    if (isAhead && runtime.pool.available < sequencesToRestore) return emptyResult('stop');
    const restored = await overlays.attach(overlay, { priority, signal: options.signal });
    if (restored) overlay.anchor ??= restoredAnchor(runtime, base, overlay, params);
    const outcome = completionPrompt(runtime, base, overlays, overlay, params);
    if (outcome.kind === 'tooLong') return { ...emptyResult('length'), dropped: 'contextFull' };
    if (outcome.kind === 'moved') return emptyResult('stop');
    runtime.counters.completions++;
    const completion = new Completion(params, options, started);
    const { prompt, isWorn } = outcome;
    const place = { runtime, base, overlays, overlay, restored, prompt };
    const isForSeveral = (params.candidates ?? 1) > 1 && !isAhead;
    const answer = (): Promise<CompletionResult> =>
      isForSeveral ? completion.several(place) : completion.one(place, priority);
    const result = await (isAhead ? answer() : runtime.scheduler.withoutBase(answer));
    // After the answer, which the gate is held for.
    if (isWorn && !isAhead)
      setImmediate(() => void refreshPlace(runtime, base, overlays, params, options.ending));
    return result;
  });
}

interface PromptedPlace {
  readonly runtime: Runtime;
  readonly base: Base;
  readonly overlays: Overlays;
  readonly overlay: Overlay;
  readonly restored: boolean;
  readonly prompt: FimPrompt;
}

/** One request from its prompt to its answer. */
class Completion {
  readonly #params: CompletionParams;
  readonly #options: CompletionOptions;
  readonly #started: number;

  constructor(params: CompletionParams, options: CompletionOptions, started: number) {
    this.#params = params;
    this.#options = options;
    this.#started = started;
  }

  async one(place: PromptedPlace, priority: Priority): Promise<CompletionResult> {
    const { runtime, base, overlays, overlay, restored, prompt } = place;
    const { signal, onText } = this.#options;
    const rules = this.#newRules();
    try {
      const generated = await generate(runtime, base, overlays, {
        overlay,
        restored,
        prompt: prompt.tokens,
        healing: prompt.healing,
        priority,
        signal,
        maxTokens: this.#maxTokens(rules),
        sampling: this.#params.sampling,
        keepGenerated: false,
        stop: (text) => rules.stop(text),
        ...(onText && { onText }),
      });
      const filtered = await this.#offered(generated, rules);
      return this.#result(base, [filtered], generated.stopReason, generated.stats);
    } catch (error) {
      if (priority === 'prefetch' && isContextFull(error)) return noRoom;
      throw error;
    }
  }

  async several(place: PromptedPlace): Promise<CompletionResult> {
    const { runtime, base, overlays, overlay, restored, prompt } = place;
    const count = Math.min(this.#params.candidates ?? 1, maxCandidates);
    const rules = Array.from({ length: count }, () => this.#newRules());
    const { candidates, stats } = await generateCandidates(runtime, base, overlays, {
      overlay,
      restored,
      prompt: prompt.tokens,
      healing: prompt.healing,
      signal: this.#options.signal,
      maxTokens: this.#maxTokens(rules[0]!),
      count,
      stop: (candidate, text) => rules[candidate]!.stop(text),
    });
    const offered = await Promise.all(
      candidates.map((candidate, at) => this.#offered(candidate, rules[at]!)),
    );
    const order = [...candidates.keys()].sort(
      (a, b) => scoreOf(candidates[b]) - scoreOf(candidates[a]),
    );
    const best = order[0] ?? 0;
    const stopReason = candidates[best]?.stopReason ?? 'cancelled';
    return this.#result(
      base,
      order.map((at) => offered[at]!),
      stopReason,
      stats,
    );
  }

  #newRules(): StopRules {
    const { prefix, suffix, languageId, singleLine, budgetMs } = this.#params;
    const isLate = (): boolean =>
      budgetMs !== undefined && performance.now() - this.#started > budgetMs;
    return new StopRules({ prefix, suffix, languageId, singleLine, isLate });
  }

  #maxTokens({ kind }: StopRules): number {
    return this.#params.maxTokens ?? defaultMaxTokens[kind.kind];
  }

  async #offered(
    { text, stopReason }: { readonly text: string; readonly stopReason: StopReason },
    rules: StopRules,
  ): Promise<Filtered> {
    if (stopReason === 'cancelled') return { text: '', changedBy: [] };
    const isCut = stopReason !== 'endOfText';
    return applyFilters(await rules.finish(text, isCut), this.#params);
  }

  /** @param offered best first. */
  #result(
    base: Base,
    offered: readonly Filtered[],
    stopReason: StopReason,
    stats: RequestStats,
  ): CompletionResult {
    const candidates = [...new Set(offered.map(({ text }) => text))].filter((text) => text !== '');
    const text = candidates[0] ?? '';
    const dropped = text === '' ? offered.find((one) => one.dropped)?.dropped : undefined;
    this.#trace(text, dropped, stats);
    const baseId = base.id === undefined ? {} : { baseId: base.id };
    return { text, candidates, stopReason, stats, ...baseId, ...(dropped && { dropped }) };
  }

  #trace(text: string, dropped: DropReason | undefined, stats: RequestStats): void {
    const { uri, trigger = 'automatic' } = this.#params;
    const why = dropped === undefined ? {} : { dropped };
    trace({ event: 'completion', uri, ...tracedStats(stats), text, trigger, ...why });
  }
}

function scoreOf(candidate: Candidate | undefined): number {
  return candidate?.score ?? Number.NEGATIVE_INFINITY;
}

function isContextFull(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_WARMFORK_CONTEXT_FULL';
}

function restoredAnchor(
  runtime: Runtime,
  base: Base,
  overlay: Overlay,
  params: CompletionParams,
): Anchor | undefined {
  const tokens = overlay.sequence?.tokens.slice(base.sequence.tokens.length) ?? [];
  return recoverAnchor(runtime.tokenizer, params.path, tokens, params);
}

function tracedStats(stats: RequestStats): Omit<RequestStats, 'queuedMs' | 'forkMs' | 'totalMs'> {
  const { promptTokens, evaluated, reused, generated, firstTokenMs, sessionRestored } = stats;
  return { promptTokens, evaluated, reused, generated, firstTokenMs, sessionRestored };
}

/** The answer when the engine was not asked. */
export function emptyResult(stopReason: StopReason): CompletionResult {
  return { text: '', candidates: [], stopReason, stats: noStats };
}

export const noStats: RequestStats = {
  promptTokens: 0,
  evaluated: 0,
  reused: 0,
  generated: 0,
  queuedMs: 0,
  forkMs: 0,
  firstTokenMs: 0,
  totalMs: 0,
  sessionRestored: false,
};

const noRoom: CompletionResult = { ...emptyResult('length'), dropped: 'contextFull' };
