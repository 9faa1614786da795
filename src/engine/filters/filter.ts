import type { FilterName } from '../../protocol/requests.ts';

/** What a filter knows of the place. */
export interface Place {
  readonly path: string;
  readonly languageId: string;
  /** Document text before and after the cursor; may be cut far away from it. */
  readonly prefix: string;
  readonly suffix: string;
}

/** Takes from a suggestion what should not be offered; pure. An empty text drops the suggestion. */
export interface Filter {
  readonly name: FilterName;
  readonly apply: (text: string, place: Place) => string;
}

/** The current line up to the cursor. */
export function lineBefore({ prefix }: Place): string {
  return prefix.slice(prefix.lastIndexOf('\n') + 1);
}

/** What stands right of the cursor in its line. */
export function lineAfter({ suffix }: Place): string {
  return suffix.split('\n', 1)[0] ?? '';
}

/** Lines below the cursor's that hold something. */
export function linesBelow({ suffix }: Place): readonly string[] {
  return suffix
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
}
