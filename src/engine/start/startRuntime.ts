/** Starts what an engine runs on: library, model, context, store. Everything here may fail with words for a person. */
import { basename } from 'node:path';
import type { Context, ContextOptions, Model } from '../../../native/index.js';
import {
  computeFingerprint,
  type Fingerprint,
  type ModelIdentity,
} from '../../cache/fingerprint.ts';
import { likelyImage } from '../../cache/imageHint.ts';
import { identifyModel } from '../../cache/modelIdentity.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type { EngineStatus, ModelFacts } from '../../protocol/status.ts';
import { ContextSlot } from '../inference/contextSlot.ts';
import { newCounters } from '../counters.ts';
import { Decoder } from '../inference/decoder.ts';
import { EngineError } from '../errors.ts';
import { Gate } from '../inference/gate.ts';
import { BaseImages } from '../image/baseImages.ts';
import { ImageReader } from '../image/readAhead.ts';
import { type Tamper, whyNoImages, whyNotThisModel } from '../image/startImages.ts';
import { type AvailableMemory, availableMemory } from './availableMemory.ts';
import { contextOptions } from './machine.ts';
import { explained } from './explainModel.ts';
import { fitIntoMemory, requireRoomForWeights } from './memoryLimit.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import { openPersistence, type PersistenceOptions } from './openPersistence.ts';
import { promptLayoutVersion } from '../prompt/fimPrompt.ts';
import type { Runtime } from '../runtime.ts';
import { Scheduler, TurnQueue } from '../inference/scheduler.ts';
import { SessionReuse } from '../sessions/sessionReuse.ts';
import { SequencePool } from '../inference/sequences.ts';
import { type ModelShare, SharedModel } from './sharedModel.ts';
import { type NewestBase, startContext } from './startContext.ts';
import { Tokenizer } from '../inference/tokenizer.ts';

export interface Started {
  readonly runtime: Runtime;
  readonly library: LlamaLibrary;
  readonly contextOptions: ContextOptions;
  readonly fingerprint: Fingerprint;
  readonly images: BaseImages;
  readonly newest: NewestBase | undefined;
  readonly model: ModelFacts;
  readonly persistence: EngineStatus['persistence'];
  /** What a person should know of how it was started. */
  readonly notice: string | undefined;
}

/** What the engines of one process share. */
export interface SharedParts {
  readonly model: SharedModel;
  readonly turns: TurnQueue;
}

export interface StartOptions extends PersistenceOptions {
  /** For tests: see {@link whyNoImages}. */
  readonly tamper?: Tamper | undefined;
  /** What computes is known. */
  readonly onVariant?: ((variant: string) => void) | undefined;
  /** Default: nothing is shared. */
  readonly shared?: SharedParts | undefined;
}

/** Rejects with words for a person, also about what is wrong with the model file. */
export async function startRuntime(
  params: InitializeParams,
  startOptions: StartOptions,
): Promise<Started> {
  try {
    return await start(params, startOptions);
  } catch (error) {
    throw await explained(error, params.modelPath);
  }
}

/** While llama.cpp loads the model, its file is identified, the image of the base is read ahead and the self-test runs. */
async function start(params: InitializeParams, startOptions: StartOptions): Promise<Started> {
  const { modelPath, workspace, storagePath } = params;
  const { log } = startOptions;
  const shared = startOptions.shared ?? { model: new SharedModel(log), turns: new TurnQueue() };
  const library = await shared.model.library(params);
  startOptions.onVariant?.(library.variant);
  const { native } = library;
  const identifying = identifyModel(modelPath, storagePath);
  identifying.catch(() => undefined); // reported where it is awaited
  const reader = new ImageReader(native.imageChecksum);
  void readLikelyImage(reader, storagePath, workspace.key);
  const memory = library.variant === 'cpu' ? await availableMemory() : undefined;
  await requireRoomForWeights(memory, modelPath);
  const testing = whyNoImages(params, library, startOptions.tamper);
  const share = await shared.model.acquire(params);
  try {
    requireCuttable(share.model, modelPath);
    const parts = { library, share, turns: shared.turns, identifying, reader, testing, memory };
    return await startOn(parts, params, startOptions);
  } catch (error) {
    await share.release();
    throw error;
  }
}

interface LoadedParts {
  readonly library: LlamaLibrary;
  readonly share: ModelShare;
  readonly turns: TurnQueue;
  readonly identifying: Promise<ModelIdentity>;
  readonly reader: ImageReader;
  readonly testing: ReturnType<typeof whyNoImages>;
  /** Undefined where cells and weights are not in this machine's memory. */
  readonly memory: AvailableMemory | undefined;
}

/** Context and store on a loaded model. */
async function startOn(
  parts: LoadedParts,
  params: InitializeParams,
  startOptions: StartOptions,
): Promise<Started> {
  const { library, share, reader } = parts;
  const { native } = library;
  const { model } = share;
  const { log } = startOptions;
  const wanted = contextOptions(model.info, params.settings, library.variant);
  const fitted = fitIntoMemory(parts.memory, model.info, wanted, params.modelPath);
  const { options } = fitted;
  const notices = [library.fallback, fitted.notice].filter((notice) => notice !== undefined);
  for (const notice of notices) log('warn', notice);
  const notice = notices.length > 0 ? notices.join(' ') : undefined;
  const fingerprint = fingerprintOf(library, model, options, await parts.identifying);
  // Sessions are read and written only when there is a context.
  const { persistence, status } = await openPersistence(
    params,
    library,
    fingerprint,
    () => slot.current,
    startOptions,
  );
  const off = (await parts.testing) ?? whyNotThisModel(model);
  const images = new BaseImages({ native, model, contextOptions: options, reader, log, off });
  const { context, newest } = await startContext(images, model, options, persistence, log);
  const slot = new ContextSlot(context);
  const counters = newCounters();
  const scheduler = new Scheduler(() => slot.current.abort(), parts.turns);
  const runtime: Runtime = {
    model,
    releaseModel: share.release,
    slot,
    get context() {
      return slot.current;
    },
    tokenizer: new Tokenizer(model),
    scheduler,
    pool: new SequencePool(slot, counters),
    decoder: new Decoder(slot, scheduler, counters),
    gate: new Gate(),
    counters,
    reuse: new SessionReuse(),
    persistence,
    engineVersion: params.extensionVersion,
    newSampler: (samplerOptions) => new native.Sampler(samplerOptions),
    log,
  };
  const cutsSequences = !model.info.isRecurrent && !model.info.isHybrid;
  runtime.decoder.drafting.mode = cutsSequences ? (params.settings.drafting ?? 'auto') : 'off';
  const facts = modelFacts(model, context, params.modelPath);
  return {
    ...{ runtime, library, contextOptions: options, fingerprint, images, newest },
    ...{ model: facts, persistence: status, notice },
  };
}

/** Only the page cache is filled, and a checksum found out: whether this image is used is decided later. */
async function readLikelyImage(reader: ImageReader, root: string, key: string): Promise<void> {
  const path = await likelyImage(root, key);
  if (path !== undefined) await reader.ahead(path);
}

function fingerprintOf(
  library: LlamaLibrary,
  model: Model,
  options: ContextOptions,
  identity: ModelIdentity,
): Fingerprint {
  return computeFingerprint({
    llamaRelease: library.release,
    sessionVersion: library.libraryInfo.sessionVersion,
    sequenceVersion: library.libraryInfo.sequenceVersion,
    model: identity,
    kvTypeK: options.kvType,
    kvTypeV: options.kvType,
    flashAttention: true,
    // As the model says, whose header is part of its identity: nothing overrides it.
    ropeFreqBase: 0,
    ropeFreqScale: model.info.ropeFreqScaleTrain,
    yarn: [],
    attentionRotation: !(Number.parseInt(process.env['LLAMA_ATTN_ROT_DISABLE'] ?? '', 10) > 0),
    kvUnified: true,
    swaFull: options.swaFull,
    adapters: [],
    promptLayoutVersion,
  });
}

/** Overlays need memory that can be cut and forked at any position. */
function requireCuttable(model: Model, path: string): void {
  if (!model.info.isRecurrent && !model.info.isHybrid) return;
  throw new EngineError(
    'ERR_WARMFORK_MODEL',
    `${basename(path)} is a recurrent or hybrid model (${model.info.description}), whose memory cannot be forked yet; choose a model with full attention, such as Qwen2.5-Coder.`,
  );
}

function modelFacts(model: Model, context: Context, path: string): ModelFacts {
  const { metadata, nVocab, description } = model.info;
  return {
    path,
    name: metadata['general.name'] ?? description,
    standIn: metadata['warmfork.stand_in'] === 'true',
    fim: new Tokenizer(model).fim !== undefined,
    contextTokens: context.nCtx,
    vocabularyTokens: nVocab,
  };
}
