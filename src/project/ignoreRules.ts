import ignore, { type Ignore } from 'ignore';

/**
 * The ignore rules in force in one folder: those of its own ignore files and of all above it.
 *
 * Rules are rebased to the root and kept in one list, outermost first, so that "the last match
 * wins" and "nothing below an ignored folder comes back" hold across files as they do in git.
 * Letter case never matters, as in git on the systems where file names have no case; a tree is
 * thus judged alike on every machine.
 */
export class IgnoreRules {
  static readonly none = new IgnoreRules([]);

  readonly #lines: readonly string[];
  readonly #matcher: Ignore;

  private constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#matcher = ignore().add(lines);
  }

  /** The rules with those of one more ignore file, which stands in `dir` (relative to the root). */
  with(text: string, dir: string): IgnoreRules {
    const added = text.split(/\r?\n/u).flatMap((line) => rebased(line, dir));
    return added.length === 0 ? this : new IgnoreRules([...this.#lines, ...added]);
  }

  /** Whether a path relative to the root is ignored; ask only below folders that are not. */
  ignores(path: string, kind: 'file' | 'directory'): boolean {
    return this.#matcher.ignores(kind === 'directory' ? `${path}/` : path);
  }
}

function rebased(line: string, dir: string): readonly string[] {
  if (line.trim() === '' || line.startsWith('#')) return [];
  if (dir === '') return [line];
  const negative = line.startsWith('!');
  const body = negative ? line.slice(1) : line;
  const anchored = body.trimEnd().slice(0, -1).includes('/');
  const below = anchored ? body.replace(/^\//u, '') : `**/${body}`;
  return [`${negative ? '!' : ''}/${escapeGlob(dir)}/${below}`];
}

/** Takes the meaning out of characters that are special in ignore patterns. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]!# ]/gu, '\\$&');
}
