import type { MessageConnection } from 'vscode-jsonrpc/node';
import { EngineClient, type WaitOptions } from './engineClient.ts';

/** Stands for one of several engines: every request goes to the one that is chosen when it is made. */
export class ChosenEngine extends EngineClient {
  readonly #chosen: () => EngineClient;

  constructor(chosen: () => EngineClient) {
    super();
    this.#chosen = chosen;
  }

  protected override connected(options: WaitOptions): Promise<MessageConnection> {
    return EngineClient.connectionOf(this.#chosen(), options);
  }
}
