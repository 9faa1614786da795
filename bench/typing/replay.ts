/** Plays a segment to one player: applies each event, asks, and notes what became of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { ReplayDocument } from './document.ts';
import type { Answer, Moment, Player } from './player.ts';
import { keyKind, type KeyKind, type TypingEvent, type TypingSegment } from './trace.ts';

/**
 * When the next key comes. `awaited`: after the answer and not before the trace says so. `timed`: when the trace says
 * so; a key that comes before the answer cancels it. `fast`: after the answer, pauses take no time (virtual clock).
 */
export type Pace = 'awaited' | 'timed' | 'fast';

export interface KeyRecord {
  readonly kind: KeyKind;
  readonly answer: Answer;
  /** The key was one of the suggestion on the screen. */
  readonly asSuggested: boolean;
}

export interface SegmentRecord {
  readonly keys: readonly KeyRecord[];
  /** Suggestions that were exactly what the person typed next, taken with one key. */
  readonly accepted: number;
  readonly tokensDecoded: number;
}

export interface ReplayOptions {
  readonly pace: Pace;
  /** Address of the document of a path. */
  readonly uriOf: (path: string) => string;
}

type Edit = Exclude<TypingEvent, { readonly kind: 'follow' }>;

export async function playSegment(
  segment: TypingSegment,
  player: Player,
  options: ReplayOptions,
): Promise<SegmentRecord> {
  const play = new SegmentPlay(segment, player, options);
  await player.open(options.uriOf(segment.path));
  const before = await player.tokensDecoded();
  await play.all();
  const tokensDecoded = (await player.tokensDecoded()) - before;
  return { keys: await Promise.all(play.keys), accepted: play.accepted, tokensDecoded };
}

class SegmentPlay {
  readonly keys: Promise<KeyRecord>[] = [];
  accepted = 0;
  readonly #segment: TypingSegment;
  readonly #player: Player;
  readonly #options: ReplayOptions;
  readonly #document: ReplayDocument;
  /** What is on the screen behind the cursor. */
  #suggestion = '';
  #asked = new AbortController();
  #previous: TypingEvent | undefined;
  #lastKeyMs = performance.now();

  constructor(segment: TypingSegment, player: Player, options: ReplayOptions) {
    this.#segment = segment;
    this.#player = player;
    this.#options = options;
    this.#document = new ReplayDocument(segment.text, segment.cursor);
  }

  async all(): Promise<void> {
    const { events } = this.#segment;
    for (let at = 0; at < events.length;) {
      const taken = this.#suggestion === '' ? 0 : spelledBy(events.slice(at), this.#suggestion);
      const event = events[at]!;
      if (taken > 0) await this.#accept(events.slice(at, at + taken) as Edit[]);
      else if (event.kind === 'follow') await this.#follow(event.keys, event.pauseMs);
      else await this.#key(event);
      at += Math.max(1, taken);
    }
    await Promise.all(this.keys);
  }

  /** One key takes it all; the provider is asked behind it. */
  async #accept(edits: readonly Edit[]): Promise<void> {
    this.accepted++;
    for (const edit of edits.slice(0, -1)) this.#document.apply(edit);
    this.#suggestion = '';
    await this.#key(edits.at(-1)!);
  }

  async #follow(keys: number, pauseMs: number): Promise<void> {
    for (const text of this.#suggestion.slice(0, keys))
      await this.#key({ kind: 'type', text, closer: '', pauseMs });
  }

  async #key(event: Edit): Promise<void> {
    const { pace } = this.#options;
    if (pace !== 'fast') await this.#rest(event.pauseMs);
    this.#asked.abort();
    this.#document.apply(event);
    const kind = keyKind(event, this.#previous);
    this.#previous = event;
    const typed = event.kind === 'type' ? event.text : '\0';
    const asSuggested = this.#suggestion.startsWith(typed);
    this.#suggestion = asSuggested ? this.#suggestion.slice(typed.length) : '';
    // Moving the cursor asks for nothing; the next key does.
    if (event.kind === 'jump') return;
    const answer = this.#ask(event.pauseMs).then((given) => ({ kind, answer: given, asSuggested }));
    this.keys.push(answer);
    if (pace !== 'timed') await answer;
  }

  /** Until `pauseMs` after the key before. */
  async #rest(pauseMs: number): Promise<void> {
    await delay(Math.max(0, this.#lastKeyMs + pauseMs - performance.now()));
    this.#lastKeyMs = performance.now();
  }

  async #ask(pauseMs: number): Promise<Answer> {
    const asked = new AbortController();
    this.#asked = asked;
    const { path, languageId } = this.#segment;
    const document = this.#document;
    const moment: Moment = {
      uri: this.#options.uriOf(path),
      path,
      languageId,
      document,
      position: document.position,
    };
    const answer = await this.#player.ask(moment, pauseMs, asked.signal);
    if (!asked.signal.aborted) this.#suggestion = answer.text;
    return answer;
  }
}

/** How many of the next events type exactly `suggestion`; 0 when they do not. */
function spelledBy(events: readonly TypingEvent[], suggestion: string): number {
  let spelled = '';
  for (const [at, event] of events.entries()) {
    if (event.kind !== 'type' && event.kind !== 'typeOver') return 0;
    spelled += event.text;
    if (spelled === suggestion) return at + 1;
    if (!suggestion.startsWith(spelled)) return 0;
  }
  return 0;
}
