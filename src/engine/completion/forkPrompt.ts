/** The beginning of every request: a fork of what shares most tokens with its prompt. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { Base } from '../base/base.ts';
import { type Overlay, overlayId } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';

export interface ForkedPrompt {
  readonly fork: Sequence;
  /** Prompt tokens that it shares. */
  readonly reused: number;
  /** `performance.now()` when its turn had come. */
  readonly forkedAt: number;
  readonly forkMs: number;
}

/**
 * Forks the overlay, a former place of it, or the base. The last prompt token is always left to be evaluated: its logits
 * are needed. `evict: false` takes a sequence only where one is free. Runs inside a turn.
 */
export async function forkForPrompt(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  overlay: Overlay,
  full: readonly number[],
  { evict = true }: { readonly evict?: boolean } = {},
): Promise<ForkedPrompt> {
  const forkedAt = performance.now();
  await overlays.forget(overlay, formerPlaces);
  if (evict) await overlays.reserve(1);
  const { source, shared } = bestSource(base, overlay, full);
  const reused = Math.min(shared, full.length - 1);
  const forkStarted = performance.now();
  // What the fork does not share is of no use any more: without it the cells stay dense, and a run that finds its
  // prefix in a file lays its cells out as the run that wrote it.
  if (overlay.sequence !== undefined)
    await overlays.cut(
      overlay,
      Math.min(reused, commonPrefixLength(overlay.sequence.tokens, full)),
    );
  const fork = await runtime.pool.fork(source, reused);
  // What nobody waits for is spared no waiting.
  if (evict) recordReuse(runtime, base, overlay, reused);
  return { fork, reused, forkedAt, forkMs: performance.now() - forkStarted };
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
