/** What somebody did in an editor, as data: generated from sources (`recordSegment.ts`), played by `replay.ts`. */

/** One key or one move of the cursor; every one but the first edit of a document comes after a pause. */
export type TypingEvent =
  /** `text` goes in at the cursor; `closer` is what the editor adds behind the cursor by itself. */
  | {
      readonly kind: 'type';
      readonly text: string;
      readonly closer: string;
      readonly pauseMs: number;
    }
  /** The key of a character that the editor had put there already: the cursor moves over it. */
  | { readonly kind: 'typeOver'; readonly text: string; readonly pauseMs: number }
  | { readonly kind: 'backspace'; readonly pauseMs: number }
  /** The cursor goes somewhere else; nothing is typed. */
  | { readonly kind: 'jump'; readonly offset: number; readonly pauseMs: number }
  /** The person types the next `keys` characters of the suggestion on the screen, if there is one. */
  | { readonly kind: 'follow'; readonly keys: number; readonly pauseMs: number };

/** One function typed into one file. */
export interface TypingSegment {
  readonly path: string;
  readonly languageId: string;
  /** The document before the first event, and where the cursor is. */
  readonly text: string;
  readonly cursor: number;
  readonly events: readonly TypingEvent[];
}

/** What is asked about at a key. */
export type KeyKind = 'character' | 'newLine' | 'backspace' | 'afterJump';

export function keyKind(event: TypingEvent, previous: TypingEvent | undefined): KeyKind {
  if (event.kind === 'backspace') return 'backspace';
  if (previous?.kind === 'jump') return 'afterJump';
  const text = event.kind === 'type' || event.kind === 'typeOver' ? event.text : '';
  return text.startsWith('\n') ? 'newLine' : 'character';
}
