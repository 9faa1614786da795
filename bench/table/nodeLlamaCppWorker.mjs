/**
 * node-llama-cpp's own API in a process of its own: what an extension would do that uses it as it is. Plain JavaScript,
 * so that no compiler is in the time of its start. Does one job (nodeLlamaCpp.ts) and ends.
 */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

process.once('message', (job) => {
  run(job).then((answer) => process.send?.(answer, () => process.exit(0)), fail);
});

async function run({ kind, model, contextTokens, threads, prompts, path }) {
  const options = { gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error };
  const llama = await getLlama(options);
  const loaded = await llama.loadModel({ modelPath: model });
  const sequences = prompts.length;
  const contextSize = contextTokens;
  const context = await loaded.createContext({ contextSize, sequences, threads });
  const used = prompts.map((prompt) => [context.getSequence(), prompt]);
  if (kind === 'open') await used[0][0].loadStateFromFile(path, { acceptRisk: true });
  let answer;
  for (const [sequence, prompt] of used) answer = await begin(sequence, prompt, kind);
  if (kind === 'save') await used[0][0].saveStateToFile(path);
  return answer;
}

/** What the sequence has of the prompt is not evaluated again. */
async function begin(sequence, prompt, kind) {
  const began = performance.now();
  const rest = prompt.slice(sequence.nextTokenIndex);
  if (kind === 'save') await sequence.evaluateWithoutGeneratingNewTokens(rest.slice(0, -1));
  else await sequence.evaluate(rest).next();
  return { evaluated: rest.length, ms: performance.now() - began };
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
