import { truncate } from 'node:fs/promises';
import { SessionStore } from '../../src/cache/store.ts';
import { baseIdOf, fingerprint, publish, saveOverlay, workspace } from './storeValues.ts';

// A window that works with a cache at the same time as others; any exception ends it with an error.
const [root = '', seedText = '1', rounds = '100'] = process.argv.slice(2);
let seed = Number(seedText);

/** A pseudo-random integer below `limit`. */
function pick(limit: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >>> 8) % limit;
}

const store = await SessionStore.open({
  root,
  fingerprint,
  workspace,
  budgetBytes: 12_000,
  keepRejected: pick(2) === 0,
  log: () => undefined,
  now: () => Date.now() + pick(2) * 3600_000, // so that uses by others are often old
});

async function act(action: number): Promise<void> {
  const baseId = baseIdOf(`${pick(3)}`);
  const name = { kind: 'file', uri: `file:///${pick(4)}` } as const;
  const path = await store.sessionPath(name);
  if (action === 0) await publish(store, baseId, 1000 + pick(3));
  else if (action === 1) await store.findBase(baseId);
  else if (action === 2) await store.newestBase();
  else if (action === 3) await store.fileSession(name.uri, baseId);
  else if (action === 4) await store.evict({ mapped: new Set() });
  else if (action === 5) await store.remove(name);
  else if (action === 6) await store.reject(path, 'bad-format');
  else if (action === 7) await store.diskUsage();
  else if (action === 8)
    await truncate(path, pick(2000)).catch(() => undefined); // not there
  else await saveOverlay(store, name, baseId, pick(2000)).catch(tolerateShorter);
}

/** Another window may have cut or removed the overlay between writing and committing it. */
function tolerateShorter(error: unknown): void {
  const isExpected =
    error instanceof Error && /the overlay vanished|but the session has/.test(error.message);
  if (!isExpected) throw error;
}

for (let round = 0; round < Number(rounds); round++) await act(pick(12));
await store.evict({ mapped: new Set() });
