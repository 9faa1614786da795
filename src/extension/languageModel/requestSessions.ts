import type { ChatMessage } from '../../protocol/chat.ts';

interface Known {
  readonly chatId: string;
  readonly messages: readonly ChatMessage[];
}

/**
 * VS Code's chat sends whole conversations without a name. A request that goes on from an earlier one gets its session, so
 * that nothing of it is evaluated again. The least recently used are forgotten first.
 */
export class RequestSessions {
  readonly #known: Known[] = [];
  readonly #capacity: number;
  readonly #newId: () => string;
  readonly #forget: (chatId: string) => void;

  constructor(options: {
    readonly capacity: number;
    readonly newId: () => string;
    readonly forget: (chatId: string) => void;
  }) {
    this.#capacity = options.capacity;
    this.#newId = options.newId;
    this.#forget = options.forget;
  }

  /** Session for these messages, taken until it is given back by `done`; it is used by nobody else meanwhile. */
  take(messages: readonly ChatMessage[]): string {
    const best = this.#known
      .map((known, index) => ({ index, shared: sharedMessages(known.messages, messages) }))
      .sort((a, b) => b.shared - a.shared)[0];
    if (best === undefined || best.shared === 0) return this.#newId();
    const [taken] = this.#known.splice(best.index, 1);
    return taken?.chatId ?? this.#newId();
  }

  done(chatId: string, messages: readonly ChatMessage[]): void {
    this.#known.unshift({ chatId, messages });
    for (const { chatId: old } of this.#known.splice(this.#capacity)) this.#forget(old);
  }
}

function sharedMessages(known: readonly ChatMessage[], asked: readonly ChatMessage[]): number {
  const differs = known.findIndex(
    ({ role, content }, at) => asked[at]?.role !== role || asked[at]?.content !== content,
  );
  return differs < 0 ? known.length : differs;
}
