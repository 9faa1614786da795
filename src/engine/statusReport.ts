import type { EngineStatus } from '../protocol/status.ts';

type Change = { readonly [Name in keyof EngineStatus]?: EngineStatus[Name] | undefined };

/** The engine's status, and whoever wants to know of its changes. */
export class StatusReport {
  readonly #onChange: (status: EngineStatus) => void;
  #current: EngineStatus = { state: 'starting', persistence: { kind: 'none' } };

  constructor(onChange: (status: EngineStatus) => void) {
    this.#onChange = onChange;
  }

  get current(): EngineStatus {
    return this.#current;
  }

  /** `undefined` takes a value away. */
  set(change: Change): void {
    const merged = { ...this.#current, ...change };
    const entries = Object.entries(merged).filter(([, value]) => value !== undefined);
    this.#current = Object.fromEntries(entries) as unknown as EngineStatus; // `state` and `persistence` are never taken away
    this.#onChange(this.#current);
  }

  firstToken(ms: number): void {
    this.set({ lastFirstTokenMs: ms });
  }
}
