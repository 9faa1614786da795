/** What requests found evaluated, by session, since this engine started. */
import type { SessionRef } from '../../protocol/sessions.ts';

export interface Reuse {
  readonly hits: number;
  readonly tokens: number;
  /** ms since 1970. */
  readonly usedAt: number;
}

const none: Reuse = { hits: 0, tokens: 0, usedAt: 0 };

export class SessionReuse {
  readonly #now: () => number;
  readonly #bySession = new Map<string, Reuse>();

  /** @param now the time, ms since 1970 */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  /** A request found so many tokens of this session evaluated; without one it is a use, but no hit. */
  record(session: SessionRef, tokens: number): void {
    const before = this.of(session);
    this.#bySession.set(keyOf(session), {
      hits: before.hits + (tokens > 0 ? 1 : 0),
      tokens: before.tokens + tokens,
      usedAt: this.#now(),
    });
  }

  of(session: SessionRef): Reuse {
    return this.#bySession.get(keyOf(session)) ?? none;
  }
}

function keyOf({ kind, id }: SessionRef): string {
  return `${kind} ${id}`;
}
