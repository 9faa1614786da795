/** The beginning of every request: its overlay's own sequence, or a fork of what shares most tokens with its prompt. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { Base } from '../base/base.ts';
import { type Overlay, overlayId } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';

export interface ForkedPrompt {
  /** The overlay's own where `leave` is there. */
  readonly fork: Sequence;
  /** Prompt tokens that it shares. */
  readonly reused: number;
  /** `performance.now()` when its turn had come. */
  readonly forkedAt: number;
  readonly forkMs: number;
  /** Nothing was copied: the request works in the overlay's own sequence until it calls this. */
  readonly leave?: () => void;
}

export interface ForkOptions {
  /** False takes a sequence only where one is free. Default true. */
  readonly evict?: boolean;
  /** That of a request that may work in the overlay's own sequence, which then is as the request leaves it. */
  readonly workIn?: AbortSignal | undefined;
}

/**
 * Takes the overlay's own sequence, or forks it, a former place of it, or the base. The last prompt token is always left
 * to be evaluated: its logits are needed. Runs inside a turn.
 */
export async function forkForPrompt(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  overlay: Overlay,
  full: readonly number[],
  { evict = true, workIn }: ForkOptions = {},
): Promise<ForkedPrompt> {
  const forkedAt = performance.now();
  await overlays.forget(overlay, formerPlaces);
  const isLeft = (await overlay.sequence?.isLeft()) ?? false;
  const { source, reused } = sourceOf(base, overlay, full);
  const isOwn = source === overlay.sequence && reused >= base.sequence.tokens.length;
  const inPlace = workIn !== undefined && isLeft && isOwn ? { source, reused } : undefined;
  if (evict && inPlace === undefined) await overlays.reserve(1); // may take a former place, even the best source
  const best = inPlace ?? sourceOf(base, overlay, full);
  const forkStarted = performance.now();
  // What the request does not share is of no use any more: without it the cells stay dense, and a run that finds its
  // prefix in a file lays its cells out as the run that wrote it.
  if (isLeft && overlay.sequence !== undefined)
    overlays.cut(overlay, Math.min(best.reused, commonPrefixLength(overlay.sequence.tokens, full)));
  const fork = inPlace?.source ?? (await overlays.ready.fork(best.source, best.reused));
  // What nobody waits for is spared no waiting.
  if (evict) recordReuse(runtime, base, overlay, best.reused);
  const forked = { fork, reused: best.reused, forkedAt, forkMs: performance.now() - forkStarted };
  return inPlace && workIn ? { ...forked, leave: fork.beginWork(workIn) } : forked;
}

function sourceOf(
  base: Base,
  overlay: Overlay,
  full: readonly number[],
): { readonly source: Sequence; readonly reused: number } {
  const { source, shared } = bestSource(base, overlay, full);
  return { source, reused: Math.min(shared, full.length - 1) };
}

function recordReuse(runtime: Runtime, base: Base, { name }: Overlay, reused: number): void {
  const ofBase = Math.min(reused, base.sequence.tokens.length);
  if (base.id !== undefined) runtime.reuse.record({ kind: 'base', id: base.id }, ofBase);
  runtime.reuse.record({ kind: name.kind, id: overlayId(name) }, reused - ofBase);
}

/** So many places of a document are kept for a person who comes back, besides the present one. */
const formerPlaces = 2;

/** What shares most tokens with a prompt. */
export function bestSource(
  base: Base,
  overlay: Overlay,
  full: readonly number[],
): { readonly source: Sequence; readonly shared: number } {
  const own = overlay.sequence === undefined ? [] : [overlay.sequence];
  const sources = [...own, ...overlay.former.map(({ sequence }) => sequence), base.sequence];
  return sources
    .map((source) => ({ source, shared: commonPrefixLength(source.tokens, full) }))
    .reduce((best, other) => (other.shared > best.shared ? other : best));
}
