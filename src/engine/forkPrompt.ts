/** The beginning of every request: a fork of what shares most tokens with its prompt. */
import { commonPrefixLength } from '../cache/tokenPrefix.ts';
import type { Base } from './base.ts';
import type { Overlay } from './overlay.ts';
import type { Overlays } from './overlays.ts';
import type { Runtime } from './runtime.ts';
import type { Sequence } from './sequences.ts';

export interface ForkedPrompt {
  readonly fork: Sequence;
  /** Prompt tokens that it shares. */
  readonly reused: number;
  /** `performance.now()` when its turn had come. */
  readonly forkedAt: number;
  readonly forkMs: number;
}

/**
 * Forks the overlay, or the base where there is none. The last prompt token is always left to be evaluated: its logits
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
  if (evict) await overlays.reserve(1);
  const source = overlay.sequence ?? base.sequence;
  const reused = Math.min(commonPrefixLength(source.tokens, full), full.length - 1);
  const forkStarted = performance.now();
  // What the fork does not share is of no use any more: without it the cells stay dense, and a run that finds its
  // prefix in a file lays its cells out as the run that wrote it.
  if (overlay.sequence !== undefined) await overlays.cut(overlay, reused);
  const fork = await runtime.pool.fork(source, reused);
  return { fork, reused, forkedAt, forkMs: performance.now() - forkStarted };
}
