/** Cells of one sequence on their way from the context that serves to another, without keeping anybody waiting. */
import type { Context } from '../../../native/index.js';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';

/** What is copied in one turn: some milliseconds of memory traffic. */
const pieceBytes = 8 * 1024 ** 2;

/** Copies the cells of `source` into sequence 0 of `target`, which holds nothing, in turns of a few milliseconds. */
export async function transferSequence(
  runtime: Runtime,
  overlays: Overlays,
  source: Sequence,
  target: Context,
  signal: AbortSignal,
): Promise<void> {
  const { length } = source.tokens;
  const step = cellsPerPiece(runtime.context);
  for (let from = 0; from < length; from += step) {
    signal.throwIfAborted();
    const to = Math.min(from + step, length);
    const piece = await runtime.scheduler.turn({ priority: 'base', signal }, async () => {
      await overlays.reserve(1);
      const scratch = runtime.pool.acquire();
      try {
        await runtime.context.copySequence(source.id, scratch.id, from, to);
        return await runtime.context.exportSequence(scratch.id);
      } finally {
        await runtime.pool.release(scratch);
      }
    });
    await target.importSequence(piece, 1);
    await target.copySequence(1, 0, from, to);
    await target.removeSequence(1, -1, -1);
  }
}

function cellsPerPiece({ stateSizeMax, nCtx }: Context): number {
  const bytesPerCell = Math.max(1, stateSizeMax / nCtx);
  return Math.max(16, Math.min(1024, Math.floor(pieceBytes / bytesPerCell)));
}
