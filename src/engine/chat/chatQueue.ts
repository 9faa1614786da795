/** One thing at a time for each chat; what is done in the background gives way to a person. */
export class ChatQueue {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #background = new Map<string, AbortController>();

  /** Runs `work` after what this chat does now. */
  after<T>(chatId: string, work: () => Promise<T>): Promise<T> {
    return this.#enqueue(chatId, work);
  }

  /** The same, and what it does in the background is ended early. */
  foreground<T>(chatId: string, work: () => Promise<T>): Promise<T> {
    this.#background.get(chatId)?.abort(new Error('The chat goes on.'));
    return this.#enqueue(chatId, work);
  }

  /** Runs `work`, whose signal aborts as soon as somebody waits for this chat. */
  background<T>(chatId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#background.set(chatId, controller);
    return this.#enqueue(chatId, () => work(controller.signal)).finally(() => {
      if (this.#background.get(chatId) === controller) this.#background.delete(chatId);
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }

  #enqueue<T>(chatId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(chatId) ?? Promise.resolve();
    const done = before.then(work);
    const tail = done.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(chatId, tail);
    void tail.then(() => {
      if (this.#tails.get(chatId) === tail) this.#tails.delete(chatId);
    });
    return done;
  }
}
