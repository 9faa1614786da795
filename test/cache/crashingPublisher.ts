import { SessionStore } from '../../src/cache/store.ts';
import type { StoreStep } from '../../src/cache/storeTypes.ts';
import { baseIdOf, fingerprint, publish, workspace } from './storeValues.ts';

// A process that publishes a base and dies without warning after the given step.
const [root = '', step] = process.argv.slice(2);

const store = await SessionStore.open({
  root,
  fingerprint,
  workspace,
  budgetBytes: 1e9,
  keepRejected: false,
  log: () => undefined,
  now: Date.now,
  onStep: (done: StoreStep) => {
    if (done === step) process.kill(process.pid, 'SIGKILL');
  },
});
await publish(store, baseIdOf('a'));
