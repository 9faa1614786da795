/** A worker thread with an addon instance of its own: answers with its logits, then waits to be ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { append, createContext, loadStandIn, someTokens } from '../fixture.ts';

const model = await loadStandIn();
const context = await createContext(model);
await append(context, 0, someTokens(model, 80));
parentPort!.postMessage(await context.lastLogits());
if (workerData === 'leave a decode in flight') {
  void context.decode([{ sequence: 1, position: 0, tokens: someTokens(model, 900) }]);
} else {
  await context.close();
  await model.close();
}
