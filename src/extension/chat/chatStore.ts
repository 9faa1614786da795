/** Conversations that are kept: one file each, in the storage that VS Code gives the extension for this workspace. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConversation } from './chatSchema.ts';
import type { Conversation } from './conversation.ts';

export interface ChatStore {
  /** Newest first. What cannot be read is not there. */
  list(): Promise<readonly Conversation[]>;
  load(id: string): Promise<Conversation | undefined>;
  save(conversation: Conversation): Promise<void>;
  remove(id: string): Promise<void>;
  /** Id of the conversation that showed last. */
  lastId(): Promise<string | undefined>;
  keepLastId(id: string): Promise<void>;
}

/** Beside the conversations, which end in `.json`: VS Code's own state is lost with the browser in VS Code for the Web. */
const lastIdFile = 'last';

/** Invariant: writes of one conversation follow each other, each whole or not at all. */
export class FileChatStore implements ChatStore {
  readonly #folder: string;
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly Conversation[]> {
    await this.#last;
    const names = await readdir(this.#folder).catch(() => []);
    const ids = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));
    const all = await Promise.all(ids.map((id) => this.#read(id)));
    return all
      .filter((one) => one !== undefined)
      .sort((a, b) => b.updatedAt - a.updatedAt || a.id.localeCompare(b.id));
  }

  async load(id: string): Promise<Conversation | undefined> {
    await this.#last;
    return this.#read(id);
  }

  save(conversation: Conversation): Promise<void> {
    const text = JSON.stringify(conversation);
    return this.#next(() => this.#write(this.#pathOf(conversation.id), text));
  }

  remove(id: string): Promise<void> {
    return this.#next(() => rm(this.#pathOf(id), { force: true }));
  }

  async lastId(): Promise<string | undefined> {
    await this.#last;
    return readFile(join(this.#folder, lastIdFile), 'utf8').catch(() => undefined);
  }

  keepLastId(id: string): Promise<void> {
    return this.#next(() => this.#write(join(this.#folder, lastIdFile), id));
  }

  async #read(id: string): Promise<Conversation | undefined> {
    try {
      const kept = parseConversation(JSON.parse(await readFile(this.#pathOf(id), 'utf8')));
      return kept?.id === id ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const temporary = `${path}.tmp`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.catch(() => undefined).then(work);
    this.#last.catch(() => undefined); // told to who asked
    return this.#last;
  }

  #pathOf(id: string): string {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Error(`not the id of a conversation: ${id}`);
    return join(this.#folder, `${id}.json`);
  }
}
