/** The prompt of a completion: what fits, what can be waited for, and as much as possible of what is evaluated already. */
import { commonPrefixLength } from '../cache/tokenPrefix.ts';
import type { CompletionParams } from '../protocol/requests.ts';
import type { Base } from './base.ts';
import type { Overlay } from './overlay.ts';
import { anchorParts, type AnchorLimits, type Parts } from './prompt/anchor.ts';
import { contextBlocks } from './prompt/contextBlocks.ts';
import { fimPrompt, type FimPrompt } from './prompt/fimPrompt.ts';
import { promptBudget, type PromptBudget } from './prompt/promptBudget.ts';
import type { Runtime } from './runtime.ts';

/** Cells left for what is generated, for forks of others, and for llama.cpp's padding. */
const reservedCells = 256;

/** `moved`: a prefetch would have to give up the place that a person is at. */
export type PromptOutcome =
  | { readonly kind: 'prompt'; readonly prompt: FimPrompt }
  | { readonly kind: 'moved' }
  | { readonly kind: 'tooLong' };

/** Sets the overlay's anchor. Text of many tokens gets smaller windows where it would not fit beside the base. */
export function completionPrompt(
  runtime: Runtime,
  base: Base,
  overlay: Overlay,
  params: CompletionParams,
): PromptOutcome {
  const budget = promptBudget(runtime.decoder.speed.msPerToken);
  const room = runtime.context.nCtx - base.sequence.tokens.length - reservedCells;
  const cells = overlay.sequence?.tokens.slice(base.sequence.tokens.length) ?? [];
  for (const share of [1, 0.5, 0.25, 0.1, 0.02]) {
    const parts = anchorParts(params, overlay.anchor, limitsFor(params, budget.limits, share));
    const isMove = overlay.sequence !== undefined && parts.anchor !== overlay.anchor;
    if (params.trigger === 'prefetch' && isMove) return { kind: 'moved' };
    const prompt = withContext(runtime, overlay, params, parts, scaled(budget, share), cells);
    if (prompt.tokens.length > room) continue;
    overlay.anchor = prompt.anchor;
    return { kind: 'prompt', prompt };
  }
  return { kind: 'tooLong' };
}

/** What nobody has written yet may grow longer: it is taken back when it is not taken over. */
function limitsFor(
  { trigger }: CompletionParams,
  limits: AnchorLimits,
  share: number,
): AnchorLimits {
  const ahead = trigger === 'prefetch' ? 2 : 1;
  return {
    prefixChars: limits.prefixChars * share,
    suffixChars: Math.round(limits.suffixChars * share),
    middleChars: limits.middleChars * ahead,
    middleLines: limits.middleLines * ahead,
  };
}

function scaled(budget: PromptBudget, share: number): PromptBudget {
  return { ...budget, contextTokens: Math.floor(budget.contextTokens * share) };
}

/**
 * Context is chosen with the anchor and then stays. A new anchor keeps the context of the one before, whose cells stand
 * below the document's, unless better context costs little more than that.
 */
function withContext(
  runtime: Runtime,
  overlay: Overlay,
  params: CompletionParams,
  parts: Parts,
  budget: PromptBudget,
  cells: readonly number[],
): FimPrompt & { readonly anchor: Parts['anchor'] } {
  const { tokenizer } = runtime;
  const { path, context } = params;
  const promptWith = (tokens: readonly number[]) => {
    const anchor = { ...parts.anchor, context: tokens };
    return { ...fimPrompt(tokenizer, path, { ...parts, anchor }, cells), anchor };
  };
  if (parts.anchor === overlay.anchor)
    return { ...fimPrompt(tokenizer, path, parts, cells), anchor: parts.anchor };
  const fresh = promptWith(contextBlocks(tokenizer, path, context, budget.contextTokens));
  const before = overlay.anchor?.context ?? [];
  if (before.length === 0 || before.length > budget.contextTokens) return fresh;
  const kept = promptWith(before);
  const missing = ({ tokens }: FimPrompt): number =>
    tokens.length - commonPrefixLength(cells, tokens);
  return missing(fresh) <= missing(kept) + budget.reviseTokens ? fresh : kept;
}
