/** Starts what an engine runs on: library, model, context, store. Everything here may fail with words for a person. */
import { basename } from 'node:path';
import { computeFingerprint, type Fingerprint } from '../cache/fingerprint.ts';
import { identifyModel } from '../cache/modelIdentity.ts';
import { SessionStore } from '../cache/store.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { EngineStatus, ModelFacts } from '../protocol/status.ts';
import type { Context, Model } from '../../native/index.js';
import { newCounters } from './counters.ts';
import { Decoder } from './decoder.ts';
import { EngineError } from './errors.ts';
import { Gate } from './gate.ts';
import { llamaLogLevel } from './llamaLog.ts';
import { contextOptions } from './machine.ts';
import { sessionIoWithFallback } from './fallbackSessionIo.ts';
import { loadLlamaLibrary } from './native/loadLlama.ts';
import { promptLayoutVersion } from './prompt/fimPrompt.ts';
import type { Persistence, Runtime } from './runtime.ts';
import { Scheduler } from './scheduler.ts';
import { SequencePool } from './sequences.ts';
import { fileSessionIo, mappedSessionIo, type SessionIo } from './sessionIo.ts';
import { Tokenizer } from './tokenizer.ts';

export interface Started {
  readonly runtime: Runtime;
  readonly fingerprint: Fingerprint;
  readonly model: ModelFacts;
  readonly persistence: EngineStatus['persistence'];
}

export interface StartOptions {
  readonly log: Runtime['log'];
  /** A session file cannot be mapped and is read or written as an ordinary file; the reason is in words. */
  readonly onFallback: (reason: string) => void;
  /** For tests: stands between the engine and the mapped files. */
  readonly wrapMapped?: ((io: SessionIo) => SessionIo) | undefined;
}

type Library = Awaited<ReturnType<typeof loadLlamaLibrary>>;

/** Loads everything. The model's file is identified while llama.cpp loads it. */
export async function startRuntime(
  params: InitializeParams,
  startOptions: StartOptions,
): Promise<Started> {
  const { settings, modelPath } = params;
  const { log } = startOptions;
  const library = await loadLlamaLibrary({
    gpu: settings.gpu === 'off' ? false : settings.gpu,
    onLog: (level, message) => log(llamaLogLevel(level, message), message),
  });
  const { native } = library;
  const identifying = identifyModel(modelPath, params.storagePath);
  identifying.catch(() => undefined); // reported where it is awaited
  const gpuLayers = library.variant === 'cpu' ? 0 : 999;
  const model = await native.Model.load({ path: modelPath, gpuLayers, useMmap: true });
  requireCuttable(model, modelPath);
  const options = contextOptions(model.info, settings, library.variant);
  const context = await native.Context.create(model, options);
  const fingerprint = computeFingerprint({
    llamaRelease: library.release,
    sessionVersion: library.libraryInfo.sessionVersion,
    sequenceVersion: library.libraryInfo.sequenceVersion,
    model: await identifying,
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
  const counters = newCounters();
  const scheduler = new Scheduler(() => context.abort());
  const kept = await openPersistence(params, library, context, fingerprint, startOptions);
  const runtime: Runtime = {
    model,
    context,
    tokenizer: new Tokenizer(model),
    scheduler,
    pool: new SequencePool(context, counters),
    decoder: new Decoder(context, scheduler, counters),
    gate: new Gate(),
    counters,
    persistence: kept.persistence,
    engineVersion: params.extensionVersion,
    newSampler: (samplerOptions) => new native.Sampler(samplerOptions),
    log,
  };
  return {
    runtime,
    fingerprint,
    model: modelFacts(model, context, modelPath),
    persistence: kept.status,
  };
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
  const { metadata, tokens, nVocab, description } = model.info;
  return {
    path,
    name: metadata['general.name'] ?? description,
    standIn: metadata['warmfork.stand_in'] === 'true',
    fim: tokens.fimPrefix >= 0 && tokens.fimSuffix >= 0 && tokens.fimMiddle >= 0,
    contextTokens: context.nCtx,
    vocabularyTokens: nVocab,
  };
}

async function openPersistence(
  params: InitializeParams,
  library: Library,
  context: Context,
  fingerprint: Fingerprint,
  startOptions: StartOptions,
): Promise<{ persistence: Persistence | undefined; status: EngineStatus['persistence'] }> {
  const { settings, workspace, storagePath } = params;
  const { log } = startOptions;
  try {
    const store = await SessionStore.open({
      root: storagePath,
      fingerprint,
      workspace: workspace.key,
      budgetBytes: settings.cacheBudgetBytes,
      keepRejected: settings.keepRejected,
      log: (message) => log('info', message),
      now: () => Date.now(),
    });
    const mapped = settings.sessionIo === 'mapped' && library.libraryInfo.mmapSupported;
    const io = mapped ? mappedIo(library, context, startOptions) : fileSessionIo(context);
    const reason =
      settings.sessionIo === 'file' ? 'by setting' : 'mapping is not supported on this system';
    const status = mapped ? ({ kind: 'mapped' } as const) : ({ kind: 'file', reason } as const);
    return { persistence: { store, io, fingerprint }, status };
  } catch (error) {
    const reason = `sessions are not kept: ${(error as Error).message}`;
    log('warn', reason);
    return { persistence: undefined, status: { kind: 'none', reason } };
  }
}

function mappedIo(library: Library, context: Context, startOptions: StartOptions): SessionIo {
  const { log, onFallback, wrapMapped } = startOptions;
  const mapped = mappedSessionIo(context, library.native.SessionFile);
  return sessionIoWithFallback({
    mapped: wrapMapped?.(mapped) ?? mapped,
    file: fileSessionIo(context),
    onFallback: (reason) => {
      log('warn', reason);
      onFallback(reason);
    },
  });
}
