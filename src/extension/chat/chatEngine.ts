import { ChosenEngine } from '../../client/chosenEngine.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { EngineSupervisor } from '../../client/engineSupervisor.ts';
import type { EngineStatus } from '../../protocol/status.ts';

export interface ChatEngineOptions {
  /** Serves the chat, too, unless a model is set for it. */
  readonly main: EngineSupervisor;
  /** A second engine, with the chat's model; not started yet. */
  readonly make: () => EngineSupervisor;
  /** Whether the chat has a model of its own, by the present settings. */
  readonly isSeparate: () => boolean;
  readonly onChange: () => void;
}

/** How long an engine that is no longer wanted has to save; it goes on by itself after that. */
const endMs = 5_000;

/** Which engine the chat talks to: the one that completes, or one of its own that is started and ended with the setting. */
export class ChatEngine {
  /** For everything that chats. */
  readonly client: EngineClient;
  readonly #options: ChatEngineOptions;
  #own: EngineSupervisor | undefined;

  constructor(options: ChatEngineOptions) {
    this.#options = options;
    this.client = new ChosenEngine(() => this.#own ?? options.main);
  }

  /** Set while the chat has a model of its own. */
  get own(): EngineSupervisor | undefined {
    return this.#own;
  }

  get status(): EngineStatus {
    return (this.#own ?? this.#options.main).status;
  }

  /** Follows the settings. */
  update(): void {
    const { isSeparate, make, onChange } = this.#options;
    if (isSeparate() === (this.#own !== undefined)) return;
    const before = this.#own;
    this.#own = isSeparate() ? make() : undefined;
    this.#own?.start();
    void before?.shutdown({ timeoutMs: endMs });
    onChange();
  }

  async shutdown(timeoutMs: number): Promise<void> {
    await this.#own?.shutdown({ timeoutMs });
  }
}
