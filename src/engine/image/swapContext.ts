/** Puts a context with a base in it in the place of the one that serves; what is in use follows where it can. */
import type { Context } from '../../../native/index.js';
import type { BaseId } from '../../cache/baseId.ts';
import type { Base } from '../base/base.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import { trace } from '../trace.ts';
import type { OpenedImage } from './baseImages.ts';

/** Overlays are carried over for so long, in ms; the others come back from their files. */
const carryMs = 20;

/**
 * Waits until no request is inside, then takes some milliseconds. With the same base as before overlays stay attached,
 * those used last first; on another base they mean nothing. Returns when the new context serves.
 */
export async function swapContext(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  next: OpenedImage & { readonly id: BaseId },
): Promise<void> {
  const sameBase = base.id === next.id;
  if (sameBase) await overlays.saveAll();
  const before = await runtime.gate.exclusive(() =>
    runtime.scheduler.turn({ priority: 'base' }, async () => {
      const started = performance.now();
      const carried = sameBase ? await carryOverlays(runtime, base, overlays, next.context) : [];
      await overlays.dropAll(new Set(carried));
      base.id = next.id;
      base.sequence.tokens.length = 0;
      for (const token of next.tokens) base.sequence.tokens.push(token);
      const old = runtime.slot.exchange(next.context);
      const ms = performance.now() - started;
      trace({ event: 'swap', tokens: next.tokens.length, carried: carried.length, ms });
      return old;
    }),
  );
  overlays.ready.refillSoon();
  await before.close();
}

async function carryOverlays(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  target: Context,
): Promise<readonly Overlay[]> {
  const deadline = performance.now() + carryMs;
  const latestFirst = [...overlays.all].sort((a, b) => b.usedAt - a.usedAt);
  const carried: Overlay[] = [];
  for (const overlay of latestFirst) {
    if (performance.now() > deadline) break;
    if (await carry(runtime, base, overlay, target)) carried.push(overlay);
  }
  return carried;
}

/** An overlay goes over with its former places, or not at all. */
async function carry(
  runtime: Runtime,
  base: Base,
  { sequence, former }: Overlay,
  target: Context,
): Promise<boolean> {
  if (sequence === undefined || runtime.pool.available === 0) return false;
  const places = [sequence, ...former.map((place) => place.sequence)];
  for (const place of places) await carrySequence(runtime, base, place, target);
  return true;
}

/** The cells above the base are copied, those of the base are shared as before. */
async function carrySequence(
  runtime: Runtime,
  base: Base,
  { id, tokens }: Sequence,
  target: Context,
): Promise<void> {
  const start = base.sequence.tokens.length;
  if (tokens.length > start) {
    const scratch = runtime.pool.acquire();
    try {
      await runtime.context.copySequence(id, scratch.id, start, tokens.length);
      const state = await runtime.context.exportSequence(scratch.id);
      await target.importSequence(state, id);
    } finally {
      await runtime.pool.release(scratch);
    }
  }
  await target.copySequence(base.sequence.id, id, 0, start);
}
