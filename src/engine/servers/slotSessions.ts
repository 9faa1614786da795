/** Sessions kept by a llama-server that was started with `--slot-save-path`: one for the base, one for each file. */
import { createHash } from 'node:crypto';
import type { LlamaServer } from './llamaServer.ts';
import { ServerError } from './serverError.ts';
import type { SlotRecord } from './slotRecord.ts';

export interface SlotSessionsOptions {
  /** Of the workspace; its sessions are never those of another. */
  readonly workspaceKey: string;
  /** Of what is on the server, on this machine. */
  readonly record: SlotRecord;
  readonly log: (message: string) => void;
}

/** Names hold neither paths nor anything else that a person wrote: the server's disk is not this machine's. */
export class SlotSessions {
  readonly slot: number;
  /** What was saved and brought back, and tokens that came back. */
  readonly counters = { saved: 0, restored: 0, tokensRestored: 0 };
  readonly #server: LlamaServer;
  readonly #prefix: string;
  readonly #record: SlotRecord;
  readonly #log: SlotSessionsOptions['log'];
  #canSave = true;
  #uri: string | undefined;
  /** Of the text that the slot's tokens begin with. */
  #projectId = '';
  /** Something was evaluated in the slot since its session was saved. */
  #isDirty = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: LlamaServer, { workspaceKey, record, log }: SlotSessionsOptions) {
    const { model, slots = 1 } = server.facts;
    const hash = sha(`${workspaceKey}\n${model}\n${server.layout}`);
    this.#record = record;
    this.#server = server;
    this.#log = log;
    this.#prefix = `warmfork-${hash.slice(0, 16)}`;
    // Several workspaces on one server take different slots where there are several.
    this.slot = Number.parseInt(hash.slice(0, 8), 16) % Math.max(1, slots);
  }

  /** Undefined once it is known that the server keeps no slots: then it should choose them. */
  get slotInUse(): number | undefined {
    return this.#canSave ? this.slot : undefined;
  }

  /** Tokens of the base that came back; 0 when it has no file yet. */
  restoreBase(signal: AbortSignal): Promise<number> {
    return this.#inTurn(async () => {
      await this.#saveFile(signal);
      this.#uri = undefined;
      return this.#restore('base', signal);
    });
  }

  /** The slot holds the base and nothing else. */
  saveBase(signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#save('base', signal));
  }

  /** Whether the file's session came back for this request. Costs nothing while a person stays in a file. */
  async enter(uri: string, projectId: string, signal: AbortSignal): Promise<boolean> {
    if (!this.#canSave) return false;
    return this.#inTurn(async () => {
      if (this.#uri === uri) return false;
      await this.#saveFile(signal);
      this.#uri = uri;
      this.#projectId = projectId;
      const name = fileName(uri);
      if (!this.#record.holds(`${this.#prefix}-${name}`, projectId)) return false;
      if ((await this.#restore(name, signal)) > 0) return true;
      // A failed restore leaves the slot empty.
      await this.#restore('base', signal);
      return false;
    });
  }

  used(): void {
    this.#isDirty = true;
  }

  /** Saves the present file's session; gives what was saved. */
  async saveFile(signal: AbortSignal): Promise<number> {
    const before = this.counters.saved;
    await this.#inTurn(() => this.#saveFile(signal));
    return this.counters.saved - before;
  }

  async #saveFile(signal: AbortSignal): Promise<void> {
    if (this.#uri === undefined || !this.#isDirty) return;
    this.#isDirty = false;
    await this.#save(fileName(this.#uri), signal);
  }

  async #save(name: string, signal: AbortSignal): Promise<void> {
    await this.#attempt(async () => {
      await this.#server.saveSlot(this.slot, `${this.#prefix}-${name}`, signal);
      this.counters.saved++;
      await this.#record.add(`${this.#prefix}-${name}`, this.#projectId);
    });
  }

  async #restore(name: string, signal: AbortSignal): Promise<number> {
    const tokens = await this.#attempt(() =>
      this.#server.restoreSlot(this.slot, `${this.#prefix}-${name}`, signal),
    );
    if (tokens === undefined) return 0;
    this.counters.restored++;
    this.counters.tokensRestored += tokens;
    return tokens;
  }

  /** A session that cannot be kept costs time and nothing else. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!this.#canSave) return undefined;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerError) || error.fault === 'away') throw error;
      if (error.status === 501) this.#canSave = false;
      else this.#log(`a session could not be kept on the server: ${error.message}`);
      return undefined;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function fileName(uri: string): string {
  return sha(uri).slice(0, 16);
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
