import { byCodeUnits } from './codeUnitOrder.ts';

/** How much of a tree is drawn. */
export interface TreeLimits {
  /** Levels of folders that are opened. */
  readonly maxDepth: number;
  /** Names shown in one folder before "…". */
  readonly maxNames: number;
}

/** From everything to a glimpse; the first drawing that fits its budget is taken. */
export const TREE_LIMITS: readonly TreeLimits[] = [
  { maxDepth: 6, maxNames: 40 },
  { maxDepth: 4, maxNames: 30 },
  { maxDepth: 3, maxNames: 24 },
  { maxDepth: 2, maxNames: 30 },
  { maxDepth: 2, maxNames: 12 },
  { maxDepth: 1, maxNames: 30 },
  { maxDepth: 1, maxNames: 12 },
  { maxDepth: 0, maxNames: 12 },
];

/**
 * Draws the folders that hold the files as a tree indented by two spaces, in code unit order. No
 * files and no counts: files come and go every day, folders seldom, and what stands after the tree
 * in the prompt has to be evaluated again whenever the tree changes.
 */
export function drawFolders(paths: readonly string[], limits: TreeLimits): string {
  const top = new Folder();
  for (const path of paths) top.add(path.split('/').slice(0, -1));
  const lines: string[] = [];
  draw(top, { depth: 0, limits, lines });
  return lines.map((line) => `${line}\n`).join('');
}

class Folder {
  readonly folders = new Map<string, Folder>();

  add([first, ...rest]: readonly string[]): void {
    if (first === undefined) return;
    let folder = this.folders.get(first);
    if (folder === undefined) this.folders.set(first, (folder = new Folder()));
    folder.add(rest);
  }
}

interface Drawing {
  readonly depth: number;
  readonly limits: TreeLimits;
  readonly lines: string[];
}

function draw(folder: Folder, { depth, limits, lines }: Drawing): void {
  const indent = '  '.repeat(depth);
  const folders = [...folder.folders].sort(([left], [right]) => byCodeUnits(left, right));
  for (const [name, inner] of folders.slice(0, limits.maxNames)) {
    lines.push(`${indent}${name}/`);
    if (depth < limits.maxDepth) draw(inner, { depth: depth + 1, limits, lines });
  }
  if (folders.length > limits.maxNames) lines.push(`${indent}…`);
}
