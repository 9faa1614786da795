/** All engines of one process: one for each workspace, on one model and one inference thread. */
import { systemMemory, type Memory } from './memory.ts';
import type { SaveResult } from '../../protocol/requests.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import { TurnQueue } from '../inference/scheduler.ts';
import { SharedModel } from '../start/sharedModel.ts';
import { nothingSaved, type EngineListener, type EngineSeat } from './engines.ts';
import { restPlan } from './restPolicy.ts';
import { SharedEngine } from './sharedEngine.ts';

export interface SharedEnginesOptions {
  /** How long an engine without windows is kept, in ms: a window that is reloaded finds it again. */
  readonly lingerMs: number;
  /** Called whenever the last engine is gone. */
  readonly onEmpty?: () => void;
  readonly memory?: () => Memory;
}

export class SharedEngines {
  readonly #options: SharedEnginesOptions;
  readonly #engines = new Set<SharedEngine>();
  readonly #lingering = new Map<SharedEngine, NodeJS.Timeout>();
  /** What one engine's library says is heard in all windows. */
  readonly #listeners = new Set<EngineListener>();
  readonly #shared = {
    model: new SharedModel((level, message) => {
      for (const { log } of this.#listeners) log(level, message);
    }),
    turns: new TurnQueue(),
  };
  #restAfterMs = 0;
  #restTimer: NodeJS.Timeout | undefined;
  #ending: Promise<SaveResult> | undefined;

  constructor(options: SharedEnginesOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#engines.size === 0;
  }

  take(params: InitializeParams, listener: EngineListener): EngineSeat {
    const found = [...this.#engines].find((engine) => engine.serves(params));
    this.#listeners.add(listener);
    const engine = found ?? new SharedEngine(params, this.#shared, () => this.#planRest());
    this.#engines.add(engine);
    this.#keep(engine);
    this.#restAfterMs = params.settings.restAfterMs;
    this.#planRest();
    return engine.seat(listener, () => {
      this.#listeners.delete(listener);
      this.#left(engine);
    });
  }

  /** Saves everything and closes all engines; once, however often it is asked. Windows hear of it, except the one that asked. */
  end(asker?: EngineSeat): Promise<SaveResult> {
    this.#ending ??= this.#endAll(asker);
    return this.#ending;
  }

  async #endAll(asker: EngineSeat | undefined): Promise<SaveResult> {
    clearTimeout(this.#restTimer);
    for (const engine of this.#engines) engine.announceEnd(asker);
    const saved = await Promise.all([...this.#engines].map((engine) => this.#close(engine)));
    return saved.reduce(
      (a, b) => ({ saved: a.saved + b.saved, bytes: a.bytes + b.bytes }),
      nothingSaved,
    );
  }

  /** A failed engine is not kept: the next window tries anew. */
  #left(engine: SharedEngine): void {
    if (engine.hasWindows || this.#ending !== undefined) return;
    const { lingerMs } = this.#options;
    if (lingerMs === 0 || engine.status.state === 'failed') return void this.#close(engine);
    this.#lingering.set(
      engine,
      setTimeout(() => void this.#close(engine), lingerMs),
    );
  }

  #keep(engine: SharedEngine): void {
    clearTimeout(this.#lingering.get(engine));
    this.#lingering.delete(engine);
  }

  async #close(engine: SharedEngine): Promise<SaveResult> {
    this.#keep(engine);
    const saved = await engine.close().catch(() => nothingSaved);
    this.#engines.delete(engine);
    if (this.isEmpty) this.#options.onEmpty?.();
    return saved;
  }

  /** Looks once when the next engine may have rested long enough, not all the time. */
  #planRest(): void {
    clearTimeout(this.#restTimer);
    if (this.#restAfterMs === 0) return;
    const awake = [...this.#engines].filter(({ isAwake }) => isAwake);
    const memory = (this.#options.memory ?? systemMemory)();
    const plan = restPlan(awake, memory, this.#restAfterMs);
    for (const engine of plan.rest) void engine.rest().catch(() => undefined);
    if (plan.nextMs === undefined) return;
    this.#restTimer = setTimeout(() => this.#planRest(), plan.nextMs).unref();
  }
}
