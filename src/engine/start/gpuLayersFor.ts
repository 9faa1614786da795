import type { InitializeParams } from '../../protocol/settings.ts';
import { allLayers } from '../native/gpuLayers.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import { defaultContextTokens } from './machine.ts';

/** Layers to put into graphics memory: as set, else as many as fit beside the context. */
export async function gpuLayersFor(
  { variant, fittingLayers }: Pick<LlamaLibrary, 'variant' | 'fittingLayers'>,
  { modelPath, settings }: InitializeParams,
): Promise<number> {
  if (variant === 'cpu') return 0;
  if (typeof settings.gpuLayers === 'number') return settings.gpuLayers;
  const contextTokens = settings.contextTokens > 0 ? settings.contextTokens : defaultContextTokens;
  // What cannot be estimated is tried: too much is refused when it is loaded, in words.
  return fittingLayers(modelPath, { contextTokens, kvType: settings.kvType }).catch(
    () => allLayers,
  );
}
