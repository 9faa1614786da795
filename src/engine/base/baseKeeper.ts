/** Keeps the base what the project needs: looks when something changed, and builds when that is worth it. */
import { computeBaseId } from '../../cache/baseId.ts';
import type { Fingerprint } from '../../cache/fingerprint.ts';
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { ContextChoice, ContextReport, ProjectChange } from '../../protocol/project.ts';
import type { Activity } from '../activity.ts';
import { EngineError } from '../errors.ts';
import { BaseGaveWay } from './baseEvaluation.ts';
import type { BaseSession } from './baseSession.ts';
import { IdleTime } from './idleTime.ts';
import type { ProjectBase, WantedBase } from './projectBase.ts';
import { staleShare } from '../prompt/basePrompt.ts';
import { decide, LostTime, type Decision, type Staleness } from './rebuildPolicy.ts';
import { buildSteps, type BuildStep } from './buildSteps.ts';
import type { Runtime } from '../runtime.ts';
import { trace } from '../trace.ts';

export interface BaseKeeperOptions {
  readonly runtime: Runtime;
  readonly session: BaseSession;
  readonly project: ProjectBase;
  readonly fingerprint: Fingerprint;
  readonly activity: Activity;
  readonly onWarming: (progress: { done: number; total: number }) => void;
  /** A build has ended, whether there is a new base or not. */
  readonly onReady: () => void;
  /** A base is in place and stays for now. */
  readonly onSettled: () => Promise<void>;
  /** Work in the background could not be done; the present base goes on serving. */
  readonly onFailure: (error: unknown) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** So long nothing is built by itself after a person has stopped it, in ms. */
const stoppedMs = 30 * 60_000;

/** Where a base serves already, the project is looked at when nobody has asked for so long, or after so long, in ms. */
const firstRestMs = 300;
const firstRestAtMostMs = 3_000;

/** A person wants the machine for something else. */
class BuildStopped extends EngineError {
  override readonly name = 'BuildStopped';

  constructor() {
    super('ERR_WARMFORK_NOT_READY', 'Building the base session was stopped.');
  }
}

/** Assumed until it was measured. */
const assumedMsPerToken = 5;

export class BaseKeeper {
  readonly #options: BaseKeeperOptions;
  readonly #idle: IdleTime;
  readonly #lost = new LostTime();
  /** Somebody asked for what waits behind the first look: no rest before it. */
  readonly #awaited = new AbortController();
  #stopping: AbortController | undefined;
  #stoppedUntil = -Infinity;
  /** One thing after the other; never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BaseKeeperOptions) {
    this.#options = options;
    this.#idle = new IdleTime(options.activity);
    options.signal.addEventListener('abort', () => this.#idle.close());
  }

  /** Looks at the project and builds at once if that is worth it; the first request goes before. Never rejects. */
  warmUp(): Promise<void> {
    const { session, activity } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, this.#awaited.signal]);
    return this.#inBackground(async () => {
      if (session.facts !== undefined) await activity.rest(firstRestMs, firstRestAtMostMs, signal);
      await this.#look();
    });
  }

  /**
   * Ends the build that runs; what it has evaluated is kept. By itself it goes on after a while or at the next start, and
   * on request at once.
   */
  stop(): void {
    if (this.#stopping === undefined) return;
    this.#stoppedUntil = performance.now() + stoppedMs;
    this.#stopping.abort(new BuildStopped());
  }

  /** Makes the project as it is now the base, whatever it costs. Rejects when a person stops it. */
  rebuild(): Promise<void> {
    this.#stoppedUntil = -Infinity;
    this.#awaited.abort();
    return this.#inTurn(async () => this.#build(await this.#wanted(), 'asked for'));
  }

  /** Files changed: looks at the project when there is time. */
  changed(change: ProjectChange): void {
    if (!this.#options.project.isConcernedBy(change)) return;
    this.#options.activity.touch();
    this.#lookWhenIdle();
  }

  /** A person chose what is in and out. What was excluded must not stay, so nothing is waited for. */
  choose(choice: ContextChoice): void {
    const { project, session, runtime } = this.#options;
    project.choose(choice);
    this.#awaited.abort();
    void this.#inBackground(async () => {
      const before = session.facts?.id;
      await this.#look();
      if (before === undefined || session.facts?.id === before) return;
      await runtime.persistence?.store.remove({ kind: 'base', baseId: before });
    });
  }

  /** The project context as it would be now. */
  async report(): Promise<ContextReport> {
    const { session, project } = this.#options;
    const wanted = await this.#wanted();
    const { context, budget, tokens } = wanted;
    return {
      name: context.repoName,
      budgetTokens: budget.tokens,
      budgetWhy: budget.why,
      items: context.items.map(({ layer, path, tokens: n, why }) => ({
        layer,
        path,
        tokens: n,
        why,
      })),
      leftOut: context.leftOut,
      baseTokens: session.tokens.length,
      staleShare: staleShare(tokens, session.tokens),
      trusted: project.trusted,
    };
  }

  /** Removes what is kept of the project's files, at once and once more when a look has ended that is under way. */
  async forget(): Promise<void> {
    const { project } = this.#options;
    void this.#inBackground(() => project.forget());
    await project.forget();
  }

  /** Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#idle.close();
    await this.#last;
    await this.#options.project.close();
  }

  #lookWhenIdle(inMs = 0): void {
    this.#idle.plan(() => this.#inBackground(() => this.#look()), inMs);
  }

  async #look(): Promise<void> {
    const { runtime, session, onSettled } = this.#options;
    const wanted = await this.#wanted();
    const staleness = await this.#staleness(wanted);
    // It may hold what must not be on the disk any more.
    if (staleness.otherRules) await session.removeUnfinished();
    const decision = decide(staleness);
    const percent = (staleness.missing * 100).toFixed(1);
    runtime.log('debug', `the base lacks ${percent} % of the project: ${wordsFor(decision)}`);
    this.#lost.note(staleness.missing, performance.now());
    const restMs = staleness.otherRules ? 0 : this.#stoppedUntil - performance.now();
    if (decision.kind === 'rebuild' && restMs <= 0) return this.#build(wanted, decision.why);
    if (decision.kind === 'rebuild') this.#lookWhenIdle(restMs);
    if (decision.kind === 'later') this.#lookWhenIdle(decision.inMs);
    if (staleness.otherRules) await this.#remember(wanted); // it is the very one, or what it lacks is nothing
    await session.mapInPlace();
    await onSettled();
  }

  async #staleness(wanted: WantedBase): Promise<Staleness> {
    const { runtime, session, fingerprint, project } = this.#options;
    const { store } = runtime.persistence ?? {};
    const id = computeBaseId(fingerprint, Int32Array.from(wanted.tokens));
    const present = session.facts?.id;
    const isSame = present === id;
    const shared = commonPrefixLength(session.tokens, wanted.tokens);
    const msPerToken = runtime.decoder.speed.msPerToken ?? assumedMsPerToken;
    const rules = present === undefined ? undefined : await project.rules.rulesOf(present);
    return {
      isSame,
      hasBase: present !== undefined,
      otherRules: rules !== wanted.context.rules,
      isUnfinished: shared === session.tokens.length || (await session.hasPartOf(wanted.tokens)),
      missing: staleShare(wanted.tokens, session.tokens),
      isKept: !isSame && (await store?.findBase(id)) !== undefined,
      costMs: (wanted.tokens.length - shared) * msPerToken,
      lostMs: this.#lost.at(performance.now()),
    };
  }

  /** Layer by layer where there is little to serve meanwhile. */
  async #build(wanted: WantedBase, why: string): Promise<void> {
    const { runtime, session, onWarming, onReady, onSettled } = this.#options;
    runtime.log('info', `the base is built: ${why}`);
    trace({ event: 'rebuild', why });
    onWarming({ done: 0, total: wanted.tokens.length });
    const stopping = (this.#stopping = new AbortController());
    try {
      for (const step of buildSteps(wanted, session.tokens)) {
        while (!(await this.#become(wanted, step, stopping.signal))) continue;
        await this.#remember(wanted);
      }
      this.#lost.reset();
    } catch (error) {
      if (error instanceof BuildStopped) this.#lookWhenIdle(stoppedMs);
      throw error;
    } finally {
      this.#stopping = undefined;
      onReady();
    }
    await onSettled();
  }

  /** False when the base gave way to somebody who waited; then nobody does any more. */
  async #become(
    { tokens }: WantedBase,
    { end, keepAt }: BuildStep,
    stop: AbortSignal,
  ): Promise<boolean> {
    const { runtime, session, signal, onWarming } = this.#options;
    try {
      const onProgress = (done: number): void => onWarming({ done, total: tokens.length });
      const unfinished = end < tokens.length || undefined;
      const options = { signal, stop, onProgress, keepAt, unfinished };
      await session.become(tokens.slice(0, end), options);
      return true;
    } catch (error) {
      if (!(error instanceof BaseGaveWay)) throw error;
      runtime.log('info', 'the next base session gave way; it is built again');
      await runtime.gate.exclusive(async () => undefined);
      return false;
    }
  }

  /** The present base holds nothing that the rules of `wanted` forbid. */
  async #remember({ context }: WantedBase): Promise<void> {
    const { runtime, session, project } = this.#options;
    const id = session.facts?.id;
    if (id === undefined) return;
    await project.rules.set(id, context.rules).catch((error: unknown) => {
      runtime.log('debug', `the rules of the base could not be kept: ${(error as Error).message}`);
    });
  }

  #wanted(): Promise<WantedBase> {
    return this.#options.project.wanted(this.#options.signal);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      this.#options.signal.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #inBackground(work: () => Promise<void>): Promise<void> {
    await this.#inTurn(work).catch((error: unknown) => {
      if (error instanceof BuildStopped) this.#options.runtime.log('info', error.message);
      else if (!this.#options.signal.aborted) this.#options.onFailure(error);
    });
  }
}

function wordsFor(decision: Decision): string {
  if (decision.kind === 'later') return `rebuilt in ${(decision.inMs / 1000).toFixed(0)} s or so`;
  return decision.kind === 'keep' ? 'kept' : `rebuilt, ${decision.why}`;
}
