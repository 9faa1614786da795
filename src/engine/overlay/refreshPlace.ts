/**
 * A better place for a document's prompt, evaluated while nobody waits: the text far above the cursor has changed, or much
 * has been typed since the place was set. The next request finds it there and goes over to it.
 */
import type { CompletionParams } from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import { freshPrompt } from '../completion/completionPrompt.ts';
import { bestSource } from '../completion/forkPrompt.ts';
import type { Overlay } from './overlay.ts';
import type { Overlays } from './overlays.ts';
import type { Runtime } from '../runtime.ts';

const priority = 'prefetch';

/** Pushes nothing out of the context; gives up when there is no room, or when `signal` aborts. Never rejects. */
export async function refreshPlace(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  params: CompletionParams,
  signal: AbortSignal,
): Promise<void> {
  const work = (overlay: Overlay): Promise<void> =>
    refresh(runtime, base, overlays, overlay, params, signal);
  const name = { kind: 'file', uri: params.uri } as const;
  if (overlays.find(name)?.isRefreshing === true) return;
  try {
    await runtime.gate.shared(
      () =>
        overlays.use(name, async (overlay) => {
          if (overlay.isRefreshing) return;
          overlay.isRefreshing = true;
          await work(overlay).finally(() => (overlay.isRefreshing = false));
        }),
      { lasting: true },
    );
  } catch (error) {
    if (!signal.aborted)
      runtime.log('debug', `a place was not refreshed: ${(error as Error).message}`);
  }
}

async function refresh(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  overlay: Overlay,
  params: CompletionParams,
  signal: AbortSignal,
): Promise<void> {
  const { scheduler, pool, decoder } = runtime;
  if (overlay.sequence === undefined) return;
  const { tokens, anchor } = freshPrompt(runtime, base, overlay, params);
  const full = [...base.sequence.tokens, ...tokens];
  const fork = await scheduler.turn({ priority, signal }, async () => {
    const { source, shared } = bestSource(base, overlay, full);
    return pool.available > 0 ? overlays.ready.fork(source, shared) : undefined;
  });
  if (fork === undefined) return;
  let isDone = false;
  try {
    await decoder.prefill(fork, full.slice(fork.tokens.length), { priority, signal });
    isDone = true;
  } finally {
    await scheduler.turn({ priority }, async () => {
      if (!isDone || overlay.sequence === undefined) return overlays.ready.release(fork);
      overlay.former = [{ sequence: fork, anchor, stable: full.length }, ...overlay.former];
    });
  }
}
