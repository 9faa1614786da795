/** Leaves everything open and has nothing to do: the process must end by itself. */
import { append, createContext, loadStandIn, someTokens } from '../fixture.ts';

const model = await loadStandIn();
const context = await createContext(model);
await append(context, 0, someTokens(model, 10));
console.log(`open: ${await context.maxPosition(0)}`);
