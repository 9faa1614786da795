/** An inline completion: prompt, request, stop rules. */
import { isSecretPath } from '../project/secretPaths.ts';
import type {
  CompletionParams,
  CompletionResult,
  RequestStats,
  StopReason,
} from '../protocol/requests.ts';
import type { Base } from './base.ts';
import { generate } from './generate.ts';
import type { Overlay } from './overlay.ts';
import type { Overlays } from './overlays.ts';
import { anchorParts, defaultAnchorLimits, type Anchor, type Parts } from './prompt/anchor.ts';
import { fimPrompt, type FimPrompt } from './prompt/fimPrompt.ts';
import { recoverAnchor } from './prompt/recoverAnchor.ts';
import type { Runtime } from './runtime.ts';
import { isSingleLine, stopRules } from './stopRules.ts';
import { trace } from './trace.ts';

const defaultMaxTokens = { line: 48, block: 128 };
/** Cells left for what is generated, for forks of others, and for llama.cpp's padding. */
const reservedCells = 256;

export interface CompletionOptions {
  readonly signal: AbortSignal;
  /** Gets the text as it is generated. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** Answers one completion request. Must run inside the gate. */
export async function complete(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  params: CompletionParams,
  { signal, onText }: CompletionOptions,
): Promise<CompletionResult> {
  if (isSecretPath(params.path)) return { ...emptyResult('stop'), dropped: 'secretFile' };
  return overlays.use({ kind: 'file', uri: params.uri }, async (overlay) => {
    const restored = await overlays.attach(overlay, { priority: 'inline', signal });
    if (restored) overlay.anchor ??= restoredAnchor(runtime, base, overlay, params);
    const prompt = fittingPrompt(runtime, base, overlay, params);
    if (prompt === undefined) return { ...emptyResult('length'), dropped: 'contextFull' };
    const linePrefix = params.prefix.slice(params.prefix.lastIndexOf('\n') + 1);
    const singleLine = params.singleLine ?? isSingleLine(linePrefix, params.suffix);
    const rules = stopRules(singleLine, params.suffix);
    runtime.counters.completions++;
    const generated = await generate(runtime, base, overlays, {
      overlay,
      restored,
      prompt: prompt.tokens,
      healing: prompt.healing,
      priority: 'inline',
      signal,
      maxTokens: params.maxTokens ?? (singleLine ? defaultMaxTokens.line : defaultMaxTokens.block),
      sampling: params.sampling,
      keepGenerated: false,
      stop: rules.stop,
      ...(onText && { onText }),
    });
    const text = generated.stopReason === 'cancelled' ? '' : rules.finish(generated.text);
    trace({ event: 'completion', uri: params.uri, ...tracedStats(generated.stats), text });
    return {
      text,
      candidates: text === '' ? [] : [text],
      stopReason: generated.stopReason,
      stats: generated.stats,
      ...(base.id !== undefined && { baseId: base.id }),
    };
  });
}

function restoredAnchor(
  runtime: Runtime,
  base: Base,
  overlay: Overlay,
  params: CompletionParams,
): Anchor | undefined {
  const tokens = overlay.sequence?.tokens.slice(base.sequence.tokens.length) ?? [];
  return recoverAnchor(runtime.tokenizer, tokens, params);
}

/** The prompt, with smaller windows where text of many tokens would not fit beside the base. */
function fittingPrompt(
  runtime: Runtime,
  base: Base,
  overlay: Overlay,
  params: CompletionParams,
): FimPrompt | undefined {
  const room = runtime.context.nCtx - base.sequence.tokens.length - reservedCells;
  for (const share of [1, 0.5, 0.25, 0.1, 0.02]) {
    const limits = {
      ...defaultAnchorLimits,
      prefixChars: defaultAnchorLimits.prefixChars * share,
      suffixChars: Math.round(defaultAnchorLimits.suffixChars * share),
    };
    const parts: Parts = anchorParts(params, overlay.anchor, limits);
    const prompt = fimPrompt(runtime.tokenizer, params.path, parts);
    if (prompt.tokens.length > room) continue;
    overlay.anchor = parts.anchor;
    return prompt;
  }
  return undefined;
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
