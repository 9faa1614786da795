/** Loads the library with a cache directory, decodes one token and tells what was loaded for that. */
import process from 'node:process';
import { loadLlamaLibrary } from '../../../src/engine/native/loadLlama.ts';

export interface LoaderReport {
  readonly variant: string;
  readonly release: string;
  /** node-llama-cpp's own addon is in this process. */
  readonly asked: boolean;
  readonly sampled: number;
  readonly messages: readonly string[];
}

const [cacheRoot = '', model = '', gpu = ''] = process.argv.slice(2);
const messages: string[] = [];
const { native, variant, release } = await loadLlamaLibrary({
  gpu: gpu === 'auto' ? 'auto' : false,
  cacheRoot,
  onLog: (_level, message) => void messages.push(message),
});
const loaded = await native.Model.load({ path: model, gpuLayers: 0, useMmap: true });
const context = await native.Context.create(loaded, {
  ...{ nCtx: 256, nBatch: 32, nUbatch: 32, nSeqMax: 2, kvType: 'f16', swaFull: true },
  ...{ nThreads: 1, nThreadsBatch: 1 },
});
const { sampled } = await context.decode([
  { sequence: 0, position: 0, tokens: Int32Array.from([5, 6, 7]), sample: {} },
]);
const { report } = process;
(report as { excludeNetwork?: boolean }).excludeNetwork = true;
const { sharedObjects } = report.getReport() as unknown as { sharedObjects: readonly string[] };
const asked = sharedObjects.some((path) => path.includes('llama-addon'));
const answer: LoaderReport = { variant, release, asked, sampled: sampled[0] ?? -1, messages };
process.send?.(answer, () => process.exit(0));
