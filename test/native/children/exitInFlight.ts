/** Ends its process while a long decode, a queue behind it and a mapped file are open. Says what it did. */
import { append, createContext, loadLibrary, loadStandIn, someTokens } from '../fixture.ts';

const [path, how] = process.argv.slice(2);
const { native } = await loadLibrary();
const model = await loadStandIn();
const context = await createContext(model, { nCtx: 4096, nBatch: 4096 });
const tokens = someTokens(model, 100);
await append(context, 0, tokens);
const options = { mode: 'readWrite', scope: 'sequence' } as const;
const file = await native.SessionFile.open(context, path!, options);
const size = await file.save(tokens, 0);

const long = { sequence: 1, position: 0, tokens: someTokens(model, 3900) };
void context.decode([long]).then(({ status }) => console.log(`settled: ${status}`));
void context.maxPosition(0).then(() => console.log('settled: queued'));
console.log(`saved: ${size}`);
if (how === 'exit') process.exit(0);
if (how === 'throw') throw new Error('on purpose');
