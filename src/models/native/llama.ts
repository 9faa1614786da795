/** The only place of this layer that uses node-llama-cpp: what this machine has, and what a model file would take of it. */
import { totalmem } from 'node:os';
import process from 'node:process';
import type { GgufInsights, Llama } from 'node-llama-cpp';
import type { MachineMemory, MemoryNeed } from '../../protocol/models.ts';
import type { GpuChoice, KvType } from '../../protocol/settings.ts';

export interface NeedOptions {
  readonly contextTokens: number;
  readonly kvType: KvType;
}

export interface Study {
  /** llama.cpp of this release knows the architecture. */
  readonly isKnown: boolean;
  /** Its memory can be cut and forked at any position, as sessions need it. */
  readonly isCuttable: boolean;
  readonly need: MemoryNeed;
}

/** Long lists of the vocabulary say nothing about memory. */
const ignoredKeys = ['tokens', 'token_type', 'scores', 'merges'].map(
  (name) => `tokenizer.ggml.${name}`,
);

export class Estimator {
  readonly machine: MachineMemory;
  readonly #llama: Llama;

  private constructor(llama: Llama, machine: MachineMemory) {
    this.#llama = llama;
    this.machine = machine;
  }

  /** A graphics variant that does not load is left out. */
  static async create(gpu: GpuChoice): Promise<Estimator> {
    const llama = await loadLlama(gpu).catch(() => loadLlama('off'));
    const { total } = await llama.getVramState();
    const isUsed = llama.gpu !== false;
    return new Estimator(llama, {
      ramBytes: ramBytes(),
      vramBytes: isUsed ? total : 0,
      variant: isUsed ? llama.gpu : 'cpu',
    });
  }

  /** By node-llama-cpp's estimates. Undefined where it cannot tell. */
  async study(path: string, options: NeedOptions): Promise<Study | undefined> {
    const { GgufInsights, readGgufFileInfo } = await import('node-llama-cpp');
    try {
      const info = await readGgufFileInfo(path, {
        ignoreKeys: ignoredKeys,
        logWarnings: false,
        sourceType: 'filesystem',
      });
      const insights = await GgufInsights.from(info, this.#llama);
      return { ...kindOf(insights), need: await this.#need(insights, options) };
    } catch {
      return undefined; // an estimate is a help; the file itself is checked elsewhere
    }
  }

  async #need(insights: GgufInsights, options: NeedOptions): Promise<MemoryNeed> {
    const { GgmlType } = await import('node-llama-cpp');
    const gpuLayers = this.machine.vramBytes > 0 ? insights.totalLayers : 0;
    const cellType = options.kvType === 'q8_0' ? GgmlType.Q8_0 : GgmlType.F16;
    const model = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
    const context = await insights.estimateContextResourceRequirementsV2({
      contextSize: Math.min(options.contextTokens, insights.trainContextSize ?? Infinity),
      modelGpuLayers: gpuLayers,
      batchSize: 512,
      sequences: 1,
      flashAttention: true,
      swaFullCache: true,
      kvCacheKeyType: cellType,
      kvCacheValueType: cellType,
    });
    return {
      ramBytes: model.cpuRam + context.cpuRam,
      vramBytes: model.gpuVram + context.gpuVram,
    };
  }
}

function kindOf(insights: GgufInsights): Pick<Study, 'isKnown' | 'isCuttable'> {
  return {
    isKnown: insights.isSupportedByLlamaCpp,
    isCuttable: !insights.isRecurrent && !insights.isHybrid,
  };
}

async function loadLlama(gpu: GpuChoice): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
  return getLlama({
    gpu: gpu === 'off' ? false : gpu,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.disabled,
  });
}

/** A container may have less than the machine. */
function ramBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
