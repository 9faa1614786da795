/** A window without an editor: asks for completions without end, and tells its parent how each was answered. */
import process from 'node:process';
import { EngineSupervisor } from '../../../src/client/engineSupervisor.ts';
import type { CompletionParams } from '../../../src/protocol/requests.ts';
import type { InitializeParams } from '../../../src/protocol/settings.ts';
import { engineKey } from '../../../src/rendezvous/engineKey.ts';
import { inRoot } from '../../lib/paths.ts';

export interface WindowOptions {
  readonly directory: string;
  readonly params: InitializeParams;
  readonly requests: readonly CompletionParams[];
}

/** What a window says of one request. `lost`: the engine went while it answered; the next try is what counts. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly request: number;
      readonly text: string;
      readonly how: string;
    }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unanswered'; readonly error: string };

const { directory, params, requests } = JSON.parse(process.argv[2] ?? '') as WindowOptions;
const say = (answer: Answer): void => void process.send?.(answer);

const engine = new EngineSupervisor({
  engineModule: inRoot('dist', 'engine.mjs'),
  initializeParams: () => params,
  shared: () => ({ directory, key: engineKey(params), lingerMs: 1_000 }),
  restartPolicy: { firstDelayMs: 10, maxDelayMs: 100, maxCrashes: Infinity },
});
process.on('disconnect', () => process.exit(0));
let isLeaving = false;
process.on('SIGTERM', () => {
  isLeaving = true; // what is under way is cancelled
  void engine.shutdown({ timeoutMs: 4_000 }).then(() => process.exit(0));
});
engine.start();
await engine.whenWarm();
for (let count = 0; ; count++) {
  const request = count % requests.length;
  const params = requests[request]!;
  try {
    const { text, baseId = 'none', stats, stopReason, dropped } = await engine.complete(params);
    if (isLeaving) break;
    const { evaluated, reused } = stats;
    say({
      kind: 'answered',
      request,
      text,
      how: `base ${baseId}, ${reused} reused, ${evaluated} evaluated, ${stats.generated} generated, ${stats.sessionRestored ? 'restored, ' : ''}${stopReason}, ${dropped ?? 'not dropped'}`,
    });
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code === 'ERR_WARMFORK_ENGINE_CLOSED') break;
    if (code === 'ERR_WARMFORK_ENGINE_GONE') say({ kind: 'lost' });
    else say({ kind: 'unanswered', error: `${code ?? ''} ${message}` });
  }
}
