/** Where a block of lines ends, by indentation and empty lines: the rule for every language. */

export interface BlockPlace {
  /** The cursor's line up to the cursor. */
  readonly lineBefore: string;
  /** The next line below the cursor's that holds something; empty when there is none. */
  readonly following: string;
}

/** Lines of a suggestion at most. */
const maxLines = 12;

/** A line that does nothing but close what a line above it opened. */
const closesBlock = /^(?:[}\])]+[;,)]*|end|fi|done|esac)$/;

/**
 * The end of the block in `text`, as an offset, when its complete lines show it; `undefined` while more may belong to it.
 * The last line of `text` counts as complete only when it ends with a line end.
 */
export function blockEnd(text: string, place: BlockPlace): number | undefined {
  const lines = text.split('\n');
  const complete = lines.slice(0, -1);
  const depth = new BlockDepth(place.lineBefore);
  let offset = 0;
  let lastTextEnd: number | undefined;
  let isAfterGap = false;
  let count = 0;
  for (const [at, line] of complete.entries()) {
    const end = offset + line.length;
    if (line.trim() === '') {
      if (lastTextEnd !== undefined) isAfterGap = true;
    } else {
      const verdict = depth.take(line, at === 0, isAfterGap);
      if (verdict === 'outside') return lastTextEnd ?? 0;
      if (at > 0 && isFollowing(line, place.following)) return lastTextEnd ?? 0;
      if (verdict === 'last') return end;
      lastTextEnd = end;
      isAfterGap = false;
    }
    if (lastTextEnd !== undefined && ++count >= maxLines) return lastTextEnd;
    offset = end + 1;
  }
  return isAfterGap && lastTextEnd !== undefined && !depth.mayGoOn(lines.at(-1) ?? '')
    ? lastTextEnd
    : undefined;
}

function isFollowing(line: string, following: string): boolean {
  return following !== '' && line.trimEnd() === following.trimEnd();
}

/** Follows the indentation of a block. Widths in columns, a tab as 4. */
class BlockDepth {
  readonly #opens: boolean;
  #base: number;

  constructor(lineBefore: string) {
    this.#opens = lineBefore.trim() !== '';
    this.#base = width(lineBefore);
  }

  take(line: string, isFirst: boolean, isAfterGap: boolean): 'inside' | 'outside' | 'last' {
    if (isFirst) {
      // Behind an indentation that was typed the first line has what it lacks.
      if (!this.#opens) this.#base += width(line);
      return 'inside';
    }
    const indent = width(line);
    const isCloser = closesBlock.test(line.trim());
    const least = this.#opens ? this.#base + 1 : this.#base;
    if (isAfterGap && indent <= this.#base) return 'outside';
    if (indent >= least) return 'inside';
    // A closer stands where the block was opened: at the cursor's line, or anywhere left of the block.
    return isCloser && (!this.#opens || indent === this.#base) ? 'last' : 'outside';
  }

  /** Whether an unfinished line after an empty one may still belong to the block. */
  mayGoOn(line: string): boolean {
    return line.trim() === '' || width(line) > this.#base;
  }
}

function width(line: string): number {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  return [...indent.matchAll(/\t/g)].length * 3 + indent.length;
}
