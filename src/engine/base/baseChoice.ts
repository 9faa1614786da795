import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { SessionStore } from '../../cache/store.ts';
import type { Runtime } from '../runtime.ts';

/** The base on disk that served last and fits into a context of `nCtx` cells, if any. */
export async function newestUsableBase(
  store: SessionStore | undefined,
  nCtx: number,
  log: Runtime['log'],
): Promise<SessionEntry | undefined> {
  const entry = await store?.newestBase();
  if (entry === undefined) return undefined;
  const fits = entry.manifest.tokens <= nCtx / 2;
  if (!fits) log('info', `a base of ${entry.manifest.tokens} tokens is too long for this context`);
  return fits ? entry : undefined;
}
