/** Drops models, contexts and session files in every order without closing them, and collects them. */
import { setImmediate } from 'node:timers/promises';
import { append, createContext, loadLibrary, loadStandIn, someTokens } from '../fixture.ts';

const path = process.argv[2]!;
const { native } = await loadLibrary();

async function dropEverything(round: number): Promise<void> {
  const model = await loadStandIn();
  const context = await createContext(model);
  await append(context, 0, someTokens(model, 50));
  const options = { mode: 'readWrite', scope: 'context' } as const;
  const file = await native.SessionFile.open(context, `${path}${round}`, options);
  await file.save(someTokens(model, 50));
  void context.decode([{ sequence: 1, position: 0, tokens: someTokens(model, 500) }]);
  if (round % 3 === 0) void model.close();
  if (round % 3 === 1) void context.close();
}

async function collect(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    globalThis.gc!();
    await setImmediate();
  }
}

for (let round = 0; round < 6; round++) await dropEverything(round);
let rounds = 0;
while (native.sessionCounters().open > 0 && rounds++ < 1000) await collect();
console.log(`open: ${native.sessionCounters().open}`);
