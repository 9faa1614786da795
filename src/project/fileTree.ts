import { byCodeUnits } from './codeUnitOrder.ts';

/** How much of a tree is drawn. */
export interface TreeLimits {
  /** Levels of folders that are opened. */
  readonly maxDepth: number;
  /** Names shown in one folder before "… n more". */
  readonly maxNames: number;
}

/** From everything to a glimpse; the first drawing that fits its budget is taken. */
export const TREE_LIMITS: readonly TreeLimits[] = [
  { maxDepth: Infinity, maxNames: Infinity },
  { maxDepth: Infinity, maxNames: 40 },
  { maxDepth: 6, maxNames: 30 },
  { maxDepth: 4, maxNames: 20 },
  { maxDepth: 3, maxNames: 16 },
  { maxDepth: 2, maxNames: 30 },
  { maxDepth: 2, maxNames: 12 },
  { maxDepth: 1, maxNames: 30 },
  { maxDepth: 1, maxNames: 12 },
  { maxDepth: 0, maxNames: 12 },
  { maxDepth: 0, maxNames: 4 },
];

/**
 * Draws paths as a tree indented by two spaces: in each folder its folders, then its files, in
 * code unit order. Folders that are not opened show how many files they hold.
 */
export function drawTree(paths: readonly string[], limits: TreeLimits): string {
  const top = new Folder();
  for (const path of paths) top.add(path.split('/'));
  const lines: string[] = [];
  draw(top, { depth: 0, limits, lines });
  return lines.map((line) => `${line}\n`).join('');
}

class Folder {
  readonly folders = new Map<string, Folder>();
  readonly files: string[] = [];
  nFiles = 0;

  add(parts: readonly string[]): void {
    this.nFiles++;
    const [first = '', ...rest] = parts;
    if (rest.length === 0) {
      this.files.push(first);
      return;
    }
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
  const shownFolders = folders.slice(0, limits.maxNames);
  const files = [...folder.files].sort(byCodeUnits);
  const shownFiles = files.slice(0, Math.max(0, limits.maxNames - shownFolders.length));
  for (const [name, inner] of shownFolders) {
    const isOpen = depth < limits.maxDepth;
    lines.push(`${indent}${name}/${isOpen ? '' : ` (${countFiles(inner.nFiles)})`}`);
    if (isOpen) draw(inner, { depth: depth + 1, limits, lines });
  }
  for (const name of shownFiles) lines.push(indent + name);
  const nMore = folders.length + files.length - shownFolders.length - shownFiles.length;
  if (nMore > 0) lines.push(`${indent}… ${String(nMore)} more`);
}

function countFiles(n: number): string {
  return n === 1 ? '1 file' : `${String(n)} files`;
}
