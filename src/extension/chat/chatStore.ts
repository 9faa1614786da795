/** Conversations that are kept: one file each, in the storage that VS Code gives the extension for this workspace. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
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
  readonly #mayKeep: () => boolean;
  /** What may not be on the disk, while this window is open. */
  readonly #inMemory = new Map<string, Conversation>();
  #last: Promise<void> = Promise.resolve();

  /** @param mayKeep whether what is saved now may be written; what was written before stays until it is removed. */
  constructor(folder: string, mayKeep: () => boolean = () => true) {
    this.#folder = folder;
    this.#mayKeep = mayKeep;
  }

  async list(): Promise<readonly Conversation[]> {
    await this.#last;
    const names = await readdir(this.#folder).catch(() => []);
    const ids = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));
    const all = await Promise.all(ids.map((id) => this.#read(id)));
    const written = all.filter((one) => one !== undefined && !this.#inMemory.has(one.id));
    return [...written, ...this.#inMemory.values()]
      .filter((one) => one !== undefined)
      .sort((a, b) => b.updatedAt - a.updatedAt || a.id.localeCompare(b.id));
  }

  async load(id: string): Promise<Conversation | undefined> {
    await this.#last;
    return this.#inMemory.get(id) ?? this.#read(id);
  }

  save(conversation: Conversation): Promise<void> {
    this.#inMemory.delete(conversation.id);
    if (!this.#mayKeep()) {
      this.#inMemory.set(conversation.id, structuredClone(conversation));
      return Promise.resolve();
    }
    const text = JSON.stringify(conversation);
    return this.#next(() => this.#write(this.#pathOf(conversation.id), text));
  }

  remove(id: string): Promise<void> {
    this.#inMemory.delete(id);
    return this.#next(() => rm(this.#pathOf(id), { force: true }));
  }

  async lastId(): Promise<string | undefined> {
    await this.#last;
    return readFile(join(this.#folder, lastIdFile), 'utf8').catch(() => undefined);
  }

  keepLastId(id: string): Promise<void> {
    return this.#next(() => this.#write(join(this.#folder, lastIdFile), id));
  }

  /** How many conversations are kept, where, and their size. */
  async usage(): Promise<{
    readonly path: string;
    readonly files: number;
    readonly bytes: number;
  }> {
    await this.#last;
    const names = await readdir(this.#folder).catch(() => []);
    const kept = names.filter((name) => name.endsWith('.json'));
    const sizes = await Promise.all(
      kept.map((name) =>
        stat(join(this.#folder, name)).then(
          ({ size }) => size,
          () => 0, // gone meanwhile
        ),
      ),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { path: this.#folder, files: kept.length, bytes };
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
