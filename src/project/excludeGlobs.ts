import ignore, { type Ignore } from 'ignore';

/**
 * The globs of VS Code's `files.exclude`: relative to the workspace folder, a glob without
 * slashes names something at the top only, `{a,b}` are alternatives, and what lies below an
 * excluded folder is excluded too.
 */
export class ExcludeGlobs {
  readonly #matcher: Ignore;

  constructor(globs: readonly string[]) {
    const patterns = globs.flatMap(expandBraces).map(toIgnorePattern);
    this.#matcher = ignore({ ignorecase: false }).add(patterns.filter((one) => one !== '/'));
  }

  /** Whether a path relative to its workspace folder is excluded. */
  excludes(path: string, kind: 'file' | 'directory'): boolean {
    return this.#matcher.ignores(kind === 'directory' ? `${path}/` : path);
  }
}

function toIgnorePattern(glob: string): string {
  // `a/**` is what lies in a, and VS Code hides the emptied folder with it.
  const trimmed = glob
    .trim()
    .replace(/\/\*\*$/u, '')
    .replace(/^\.?\//u, '');
  return `/${trimmed.replace(/ +$/u, '')}`;
}

const MAX_ALTERNATIVES = 256;

/** Writes `a{b,c}` out as `ab` and `ac`, nested ones too; an unclosed brace is a plain character. */
function expandBraces(glob: string): readonly string[] {
  let globs: readonly string[] = [glob];
  for (;;) {
    const next = globs.flatMap(expandInnermost);
    const done = next.every((one, index) => one === globs[index]);
    if (done || next.length > MAX_ALTERNATIVES) return globs;
    globs = next;
  }
}

function expandInnermost(glob: string): readonly string[] {
  const found = /\{([^{}]*)\}/u.exec(glob);
  if (found === null) return [glob];
  const before = glob.slice(0, found.index);
  const after = glob.slice(found.index + found[0].length);
  return (found[1] ?? '').split(',').map((one) => before + one + after);
}
