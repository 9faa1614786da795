/** The prompt of a completion: what fits, what can be waited for, and as much as possible of what is evaluated already. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { CompletionParams } from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import type { FormerPlace, Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import {
  continueAnchor,
  setAnchor,
  type Anchor,
  type AnchorLimits,
  type DocumentText,
  type Parts,
} from '../prompt/anchor.ts';
import { contextBlocks } from '../prompt/contextBlocks.ts';
import { fimPrompt, type FimPrompt } from '../prompt/fimPrompt.ts';
import { promptBudget, type PromptBudget } from '../prompt/promptBudget.ts';
import type { Runtime } from '../runtime.ts';

/** Cells left for what is generated, for forks of others, and for llama.cpp's padding. */
const reservedCells = 256;

/** `moved`: a prefetch would have to give up the place that a person is at. */
export type PromptOutcome =
  /** `isWorn`: it serves, but a new place would serve better. */
  | { readonly kind: 'prompt'; readonly prompt: FimPrompt; readonly isWorn: boolean }
  | { readonly kind: 'moved' }
  | { readonly kind: 'tooLong' };

/** Takes the overlay to its place. Text of many tokens gets smaller windows where it would not fit beside the base. */
export function completionPrompt(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  overlay: Overlay,
  params: CompletionParams,
): PromptOutcome {
  const budget = promptBudget(runtime.decoder.speed.msPerToken);
  const nBase = base.sequence.tokens.length;
  const room = runtime.context.nCtx - nBase - reservedCells;
  for (const share of [1, 0.5, 0.25, 0.1, 0.02, 0.005]) {
    const limits = limitsFor(params, budget.limits, share);
    // A known place that does not fit has to be a smaller one.
    const place = share === 1 ? findPlace(overlay, params, limits) : newPlace(params, limits);
    const { parts, former, isNew } = place;
    const isMove = overlay.sequence !== undefined && (isNew || former !== undefined);
    if (params.trigger === 'prefetch' && isMove) return { kind: 'moved' };
    const cells = (former ?? overlay).sequence?.tokens.slice(nBase) ?? [];
    const prompt = isNew
      ? withContext(runtime, overlay, params, parts, scaled(budget, share), cells)
      : { ...fimPrompt(runtime.tokenizer, params.path, parts, cells), anchor: parts.anchor };
    if (prompt.tokens.length > room) continue;
    if (former !== undefined) overlays.comeBack(overlay, former);
    else if (isNew) overlays.setAside(overlay);
    overlay.anchor = prompt.anchor;
    return {
      kind: 'prompt',
      prompt,
      isWorn: !isNew && isWorn(parts, newPlace(params, limits).parts),
    };
  }
  return { kind: 'tooLong' };
}

interface FoundPlace {
  readonly parts: Parts;
  /** Where the person was before, and is again. */
  readonly former?: FormerPlace;
  readonly isNew: boolean;
}

/** So much typed text is worth going over to a place that has it in its prefix. */
const wornChars = 500;

/** The present place, one of the former, or a new one. What is stale or has much typed text gives way to what is not. */
function findPlace(overlay: Overlay, text: DocumentText, limits: AnchorLimits): FoundPlace {
  const { anchor, former } = overlay;
  const here = anchor && continueAnchor(text, anchor, limits);
  let best: FoundPlace | undefined = here && { parts: here, isNew: false };
  for (const place of former) {
    const parts = continueAnchor(text, place.anchor, limits);
    if (parts === undefined) continue;
    if (best === undefined || isWorn(best.parts, parts))
      best = { parts, former: place, isNew: false };
  }
  const known = [...(anchor ? [anchor] : []), ...former.map((place) => place.anchor)];
  return best ?? newPlace(text, limits, known);
}

/** True when `other` would be the better place. */
function isWorn(parts: Parts, other: Parts): boolean {
  if (parts.isStale !== other.isStale) return parts.isStale === true;
  return parts.middle.length - other.middle.length >= wornChars;
}

function newPlace(
  text: DocumentText,
  limits: AnchorLimits,
  known: readonly Anchor[] = [],
): FoundPlace {
  return { parts: setAnchor(text, limits, known), isNew: true };
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

/** The prompt of a new place at the cursor, whatever the overlay's present one is. */
export function freshPrompt(
  runtime: Runtime,
  base: Base,
  overlay: Overlay,
  params: CompletionParams,
): FimPrompt & { readonly anchor: Anchor } {
  const budget = promptBudget(runtime.decoder.speed.msPerToken);
  const cells = overlay.sequence?.tokens.slice(base.sequence.tokens.length) ?? [];
  const known = overlay.anchor ? [overlay.anchor] : [];
  const { parts } = newPlace(params, limitsFor(params, budget.limits, 1), known);
  return withContext(runtime, overlay, params, parts, budget, cells);
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
  const fresh = promptWith(contextBlocks(tokenizer, path, context, budget.contextTokens));
  const before = overlay.anchor?.context ?? [];
  if (before.length === 0 || before.length > budget.contextTokens) return fresh;
  const kept = promptWith(before);
  const missing = ({ tokens }: FimPrompt): number =>
    tokens.length - commonPrefixLength(cells, tokens);
  return missing(fresh) <= missing(kept) + budget.reviseTokens ? fresh : kept;
}
