/** When a suggestion ends, and what of the generated text belongs to it. */
import { blockEnd, type BlockPlace } from './blockEnd.ts';
import { suggestionKind, type CursorText, type SuggestionKind } from './suggestionKind.ts';
import { SyntaxEnd } from './syntaxEnd.ts';

export interface StopOptions extends CursorText {
  /** Decided from the text around the cursor when absent. */
  readonly singleLine?: boolean | undefined;
  /** True once the time for this suggestion is used up: then it ends at a line end. */
  readonly isLate?: () => boolean;
}

/** Lines of a comment at most. */
const maxCommentLines = 12;

export class StopRules {
  readonly kind: SuggestionKind;
  readonly #isLate: () => boolean;
  readonly #place: BlockPlace;
  readonly #syntax: SyntaxEnd | undefined;

  constructor(options: StopOptions) {
    const { prefix, suffix, languageId, singleLine } = options;
    this.kind = chosenKind(options, singleLine);
    this.#isLate = options.isLate ?? (() => false);
    const lineBefore = prefix.slice(prefix.lastIndexOf('\n') + 1);
    this.#place = { lineBefore, following: firstLineWithText(suffix) };
    this.#syntax = this.kind.kind === 'block' ? new SyntaxEnd(prefix, languageId) : undefined;
  }

  /** Whole text so far → true when nothing after it would be offered. */
  stop(text: string): boolean {
    this.#syntax?.watch(text);
    return this.#end(text) !== undefined || (this.#isLate() && lastLineEnd(text) !== undefined);
  }

  /** What of the text belongs to the suggestion; `isCut` when it ended for want of time or tokens. */
  async finish(text: string, isCut: boolean): Promise<string> {
    await this.#syntax?.settle(text);
    const end = this.#end(text) ?? (isCut ? lastLineEnd(text) : undefined) ?? text.length;
    return text.slice(0, end).trimEnd();
  }

  #end(text: string): number | undefined {
    switch (this.kind.kind) {
      case 'line':
        return offsetOf(text, '\n');
      case 'comment':
        return commentEnd(text, this.kind.close);
      case 'block':
        return least(blockEnd(text, this.#place), this.#syntax?.end);
    }
  }
}

function chosenKind(text: CursorText, singleLine: boolean | undefined): SuggestionKind {
  if (singleLine === true) return { kind: 'line' };
  const kind = suggestionKind(text);
  return singleLine === false && kind.kind === 'line' ? { kind: 'block' } : kind;
}

function commentEnd(text: string, close: string): number | undefined {
  const closed = offsetOf(text, close);
  if (closed !== undefined) return closed + close.length;
  const lines = text.split('\n');
  return lines.length > maxCommentLines ? text.lastIndexOf('\n') : undefined;
}

/** The end of the last complete line, if anything stands before it. */
function lastLineEnd(text: string): number | undefined {
  const end = text.lastIndexOf('\n');
  return text.slice(0, Math.max(0, end)).trim() === '' ? undefined : end;
}

function offsetOf(text: string, part: string): number | undefined {
  const at = text.indexOf(part);
  return at < 0 ? undefined : at;
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function firstLineWithText(suffix: string): string {
  const [, ...below] = suffix.split('\n');
  return below.find((line) => line.trim() !== '') ?? '';
}
