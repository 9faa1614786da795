import type { Llama } from 'node-llama-cpp';
import type { KvType } from '../../protocol/settings.ts';

export interface LayersWish {
  readonly contextTokens: number;
  readonly kvType: KvType;
}

/** More than any model has: all of them. */
export const allLayers = 999;

/** Layers of a model that fit into the graphics memory beside the context, as node-llama-cpp estimates them. */
export async function fittingLayers(
  llama: Llama,
  modelPath: string,
  { contextTokens, kvType }: LayersWish,
): Promise<number> {
  const { GgmlType, GgufInsights, InsufficientMemoryError, readGgufFileInfo } =
    await import('node-llama-cpp');
  const cellType = kvType === 'q8_0' ? GgmlType.Q8_0 : GgmlType.F16;
  const info = await readGgufFileInfo(modelPath, {
    ignoreKeys: ['tokens', 'token_type', 'scores', 'merges'].map((key) => `tokenizer.ggml.${key}`),
    logWarnings: false,
    sourceType: 'filesystem',
  });
  const insights = await GgufInsights.from(info, llama);
  try {
    const { gpuLayers } = await insights.configurationResolver.resolveModelGpuLayersV2(
      {
        fitContext: {
          contextSize: Math.min(contextTokens, insights.trainContextSize ?? contextTokens),
        },
      },
      {
        defaultContextFlashAttention: true,
        defaultContextSwaFullCache: true,
        defaultContextKvCacheKeyType: cellType,
        defaultContextKvCacheValueType: cellType,
      },
    );
    return gpuLayers >= insights.totalLayers ? allLayers : gpuLayers;
  } catch (error) {
    if (error instanceof InsufficientMemoryError) return 0;
    throw error;
  }
}
