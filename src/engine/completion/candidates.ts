/** Several suggestions for one place: forks of one prefix, told apart by their first token and decoded in one batch. */
import type { SampleOptions } from '../../../native/index.js';
import type { RequestStats, StopReason } from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import { stepTogether } from '../inference/batchStep.ts';
import { forkForPrompt, type ForkedPrompt } from './forkPrompt.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import { TextStream } from '../inference/textStream.ts';

export interface CandidatesRequest {
  readonly overlay: Overlay;
  readonly restored: boolean;
  /** Prompt above the base. */
  readonly prompt: readonly number[];
  readonly healing: Uint8Array;
  readonly signal: AbortSignal;
  readonly maxTokens: number;
  readonly count: number;
  /** Called with the whole text of the candidate of that number after each token; true ends it. */
  readonly stop: (candidate: number, text: string) => boolean;
}

export interface Candidate {
  readonly text: string;
  readonly stopReason: StopReason;
  /** Mean of its tokens' log-probabilities; 0 at best. */
  readonly score: number;
}

export interface Candidates {
  /** In the order in which the model prefers their first tokens. */
  readonly candidates: readonly Candidate[];
  readonly stats: RequestStats;
}

interface Branch {
  readonly fork: Sequence;
  readonly stream: TextStream;
}

const priority = 'inline';

/** Makes up to `count` suggestions; fewer where no more first tokens are possible, or no more forks. */
export async function generateCandidates(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  request: CandidatesRequest,
): Promise<Candidates> {
  const started = performance.now();
  const { overlay, signal } = request;
  const full = [...base.sequence.tokens, ...request.prompt];
  const trunk = await runtime.scheduler.turn({ priority, signal }, () =>
    forkForPrompt(runtime, base, overlays, overlay, full),
  );
  const branches: Branch[] = [];
  let firstTokenMs = 0;
  let isCancelled = false;
  try {
    await runtime.decoder.prefill(trunk.fork, full.slice(trunk.reused, -1), { priority, signal });
    overlay.costMs += performance.now() - started;
    await branchOut(runtime, overlays, trunk.fork, request, full.at(-1) ?? 0, branches);
    firstTokenMs = performance.now() - started;
    await growTogether(runtime, branches, request);
  } catch (error) {
    if (!signal.aborted) throw error;
    isCancelled = true;
  } finally {
    await runtime.scheduler.turn({ priority }, () =>
      putBack(runtime, overlays, overlay, trunk, branches, full.length),
    );
  }
  const generated = branches.reduce((sum, { stream }) => sum + stream.tokens.length, 0);
  return {
    candidates: branches.map(({ stream }) => ({
      text: stream.text,
      stopReason: isCancelled ? 'cancelled' : (stream.ended ?? 'length'),
      score: stream.meanLogProbability,
    })),
    stats: {
      promptTokens: full.length,
      evaluated: full.length - trunk.reused,
      reused: trunk.reused,
      generated,
      queuedMs: trunk.forkedAt - started,
      forkMs: trunk.forkMs,
      firstTokenMs,
      totalMs: performance.now() - started,
      sessionRestored: request.restored,
    },
  };
}

/** Evaluates the last prompt token once for each branch; each may not begin as those before it. */
async function branchOut(
  runtime: Runtime,
  overlays: Overlays,
  trunk: Sequence,
  request: CandidatesRequest,
  lastToken: number,
  branches: Branch[],
): Promise<void> {
  const { signal, healing, stop } = request;
  const firstTokens: number[] = [];
  for (let number = 0; number < request.count; number++) {
    const fork = await runtime.scheduler.turn({ priority, signal }, async () => {
      await overlays.reserve(1);
      return runtime.pool.available > 0 ? runtime.pool.fork(trunk, trunk.tokens.length) : undefined;
    });
    if (fork === undefined) return;
    const stream = new TextStream(runtime.tokenizer, {
      healing,
      stop: (text) => stop(number, text),
    });
    branches.push({ fork, stream });
    const sample: SampleOptions = stream.restrict({
      forbidden: Int32Array.from(firstTokens),
      logProbability: true,
    });
    const sampled = await runtime.decoder.step(fork, lastToken, { priority, signal, sample });
    if (!stream.take(sampled) && sampled.token < 0) return;
    firstTokens.push(sampled.token);
  }
}

async function growTogether(
  runtime: Runtime,
  branches: readonly Branch[],
  { signal, maxTokens }: CandidatesRequest,
): Promise<void> {
  for (let length = 1; length < maxTokens; length++) {
    const growing = branches.filter(({ stream }) => stream.ended === undefined);
    if (growing.length === 0) return;
    const steps = growing.map(({ fork, stream }) => ({
      sequence: fork,
      token: stream.tokens.at(-1) ?? 0,
      sample: stream.restrict({ logProbability: true }),
    }));
    const sampled = await stepTogether(runtime, steps, { priority, signal });
    for (const [at, { stream }] of growing.entries()) stream.take(sampled[at]!);
  }
}

/** The branch that is offered first becomes the overlay's own: it is the one most likely to be taken over. */
async function putBack(
  runtime: Runtime,
  overlays: Overlays,
  overlay: Overlay,
  trunk: ForkedPrompt,
  branches: readonly Branch[],
  promptTokens: number,
): Promise<void> {
  const best = [...branches].sort(
    (a, b) => b.stream.meanLogProbability - a.stream.meanLogProbability,
  )[0];
  const kept = best?.fork ?? trunk.fork;
  await overlays.promote(overlay, kept, promptTokens);
  for (const sequence of [trunk.fork, ...branches.map(({ fork }) => fork)])
    if (sequence !== kept) await runtime.pool.release(sequence);
}
