import type { SessionEntry } from '../cache/sessionEntry.ts';
import type { Runtime } from './runtime.ts';

/** The base on disk that served last and fits into this context, if any. */
export async function newestUsableBase(runtime: Runtime): Promise<SessionEntry | undefined> {
  const entry = await runtime.persistence?.store.newestBase();
  if (entry === undefined) return undefined;
  const fits = entry.manifest.tokens <= runtime.context.nCtx / 2;
  if (!fits)
    runtime.log('info', `a base of ${entry.manifest.tokens} tokens is too long for this context`);
  return fits ? entry : undefined;
}
