import { randomUUID } from 'node:crypto';
import type { ChatStore } from './chatStore.ts';
import { newConversation, restored, type Conversation } from './conversation.ts';

/** The conversation that shows. Invariant: unless it is private, its file has what it was changed to last. */
export class CurrentConversation {
  readonly #store: ChatStore;
  readonly #now: () => number;
  #value = newConversation(randomUUID(), { isPrivate: false });
  /** What the store knows as shown last. */
  #keptId: string | undefined;

  constructor(store: ChatStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  get value(): Conversation {
    return this.#value;
  }

  /** Goes on with the one that showed last. */
  async load(): Promise<void> {
    const lastId = await this.#store.lastId();
    this.#keptId = lastId;
    const kept = lastId === undefined ? undefined : await this.#store.load(lastId);
    if (kept) this.#value = restored(kept);
  }

  /** What streams in is not kept before it is over. */
  grow(conversation: Conversation): void {
    this.#value = conversation;
  }

  change(conversation: Conversation): void {
    this.#value = { ...conversation, updatedAt: this.#now() };
    if (conversation.isPrivate) return;
    if (conversation.id !== this.#keptId) this.#keepLastId(conversation.id);
    // What cannot be kept is still there as long as the window is.
    this.#store.save(this.#value).catch(() => undefined);
  }

  /** Shows another one. */
  become(conversation: Conversation): void {
    this.#value = conversation;
    if (!conversation.isPrivate) this.#keepLastId(conversation.id);
  }

  #keepLastId(id: string): void {
    this.#keptId = id;
    this.#store.keepLastId(id).catch(() => undefined); // then another one shows first
  }
}
