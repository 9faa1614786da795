import { Budget } from './budget.ts';
import { byCodeUnits } from './codeUnitOrder.ts';
import type { ContextItem, CountTokens } from './contextItem.ts';
import { fileItems } from './fileLayer.ts';
import { leadingItems } from './leadingLayers.ts';
import type { ProjectFiles } from './projectFiles.ts';
import { scanProject, type LeftOut } from './scan.ts';

/** What is evaluated once per workspace: items in the order of the prompt, most stable first. */
export interface ProjectContext {
  readonly repoName: string;
  readonly items: readonly ContextItem[];
  /** What is not in, sorted by path; a folder's path ends in a slash. For people, not prompts. */
  readonly leftOut: readonly LeftOut[];
}

/** What a project context is made for. */
export interface ProjectContextOptions {
  readonly repoName: string;
  /** Globs of `files.exclude` that are true. */
  readonly filesExclude: readonly string[];
  /** Called once per item that may fit, with its path, a line end and its text. */
  readonly countTokens: CountTokens;
  /** Upper bound of the repository name's and all items' tokens together. */
  readonly budgetTokens: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses what of a project is kept warm. The same tree gives the same bytes on any machine; an
 * edit in a file changes that file's items only, unless it changes what the file imports or its
 * size by a lot. Secrets, ignored and excluded files are never in it.
 *
 * Rejects with a `ProjectError` when a workspace folder is missing, and with the signal's reason
 * when aborted; files that cannot be read are listed in `leftOut`.
 */
export async function collectProjectContext(
  files: ProjectFiles,
  options: ProjectContextOptions,
): Promise<ProjectContext> {
  const { countTokens, signal } = options;
  const scan = await scanProject(files, options);
  const repoName = cleanName(options.repoName);
  const budget = new Budget(options.budgetTokens - countTokens(repoName) - HEADER_TOKENS);
  const source = { files, paths: scan.paths, countTokens, budget, signal };
  const leading = await leadingItems(source);
  const used = new Set(leading.map((item) => item.path));
  const last = await fileItems({ ...source, paths: scan.paths.filter((path) => !used.has(path)) });
  return {
    repoName,
    items: [...leading, ...last.items],
    leftOut: [...scan.leftOut, ...last.leftOut].sort((left, right) =>
      byCodeUnits(left.path, right.path),
    ),
  };
}

/** Begin of text and the mark before the repository's name. */
const HEADER_TOKENS = 2;

function cleanName(name: string): string {
  return name.replace(/\p{Cc}+/gu, ' ').trim();
}
