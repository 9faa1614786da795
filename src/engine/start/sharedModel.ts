/** Library and model of one process: loaded for the first engine, the model closed after the last. */
import type { Model } from '../../../native/index.js';
import type { InitializeParams } from '../../protocol/settings.ts';
import { loadLlamaLibrary, type LlamaLibrary } from '../native/loadLlama.ts';
import type { Runtime } from '../runtime.ts';
import { trace } from '../trace.ts';
import { findStandIn } from '../image/startImages.ts';
import { gpuLayersFor } from './gpuLayersFor.ts';
import { gpuSelfTest } from './gpuSelfTest.ts';
import { llamaLogLevel } from './llamaLog.ts';

/** A share of a loaded model. */
export interface ModelShare {
  readonly model: Model;
  /** The last one closes the model. Must be called once. */
  readonly release: () => Promise<void>;
}

/** All engines that share one must want the same model, loaded in the same way. */
export class SharedModel {
  readonly #log: Runtime['log'];
  #library: Promise<LlamaLibrary> | undefined;
  #model: Promise<Model> | undefined;
  #shares = 0;

  /** @param log gets what llama.cpp says, whichever engine it is about */
  constructor(log: Runtime['log']) {
    this.#log = log;
  }

  /** Once loaded it stays; a failure is tried again by the next one. */
  library(params: InitializeParams): Promise<LlamaLibrary> {
    this.#library ??= this.#loadLibrary(params).catch((error: unknown) => {
      this.#library = undefined;
      throw error;
    });
    return this.#library;
  }

  async acquire(params: InitializeParams): Promise<ModelShare> {
    const library = await this.library(params);
    const loading = (this.#model ??= loadModel(library, params));
    this.#shares++;
    try {
      return { model: await loading, release: () => this.#release() };
    } catch (error) {
      if (--this.#shares === 0) this.#model = undefined;
      throw error;
    }
  }

  #loadLibrary({ settings, storagePath }: InitializeParams): Promise<LlamaLibrary> {
    return loadLlamaLibrary({
      cacheRoot: storagePath,
      gpu: settings.gpu === 'off' ? false : settings.gpu,
      onLog: (level, message) => this.#log(llamaLogLevel(level, message), message),
    });
  }

  async #release(): Promise<void> {
    if (--this.#shares > 0) return;
    const closing = this.#model; // whoever comes meanwhile loads it anew
    this.#model = undefined;
    await (await closing)?.close();
    trace({ event: 'model', action: 'closed' });
  }
}

async function loadModel(library: LlamaLibrary, params: InitializeParams): Promise<Model> {
  const { native } = library;
  if (library.variant !== 'cpu') await gpuSelfTest(library, findStandIn() ?? params.modelPath);
  const gpuLayers = await gpuLayersFor(library, params);
  const model = await native.Model.load({ path: params.modelPath, gpuLayers, useMmap: true });
  trace({ event: 'model', action: 'loaded' });
  return model;
}
