import { Budget } from './budget.ts';
import { byCodeUnits } from './codeUnitOrder.ts';
import type { ContextItem, CountTokens } from './contextItem.ts';
import { dependencyItems } from './dependencyLayer.ts';
import { fileItems } from './fileLayer.ts';
import { leadingItems } from './leadingLayers.ts';
import { mapItems } from './mapLayer.ts';
import { outlineProject, type OutlineOptions, type ProjectOutline } from './outline.ts';
import type { ProjectFiles } from './projectFiles.ts';
import type { LeftOut } from './scan.ts';

/** What is evaluated once per workspace: items in the order of the prompt, most stable first. */
export interface ProjectContext {
  readonly repoName: string;
  readonly items: readonly ContextItem[];
  /** What is not in, sorted by path; a folder's path ends in a slash. For people, not prompts. */
  readonly leftOut: readonly LeftOut[];
  /** Hash of everything that decided what may be shown: settings and ignore files. */
  readonly rules: string;
}

/** What a project context is made for. */
export interface ProjectContextOptions extends OutlineOptions {
  readonly repoName: string;
  /** Globs of files that a person wants to be in whole. */
  readonly include?: readonly string[];
  /** Called once per item that may fit, with its path, a line end and its text. */
  readonly countTokens: CountTokens;
  /** Upper bound of the repository name's and all items' tokens together. */
  readonly budgetTokens: number;
  /** Where the project is scanned and parsed; here, unless told otherwise. */
  readonly outline?: (options: OutlineOptions) => Promise<ProjectOutline>;
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
  const { countTokens, signal, include = [] } = options;
  const makeOutline = options.outline ?? ((wanted) => outlineProject(files, wanted));
  const outline = await makeOutline(options);
  const repoName = cleanName(options.repoName);
  const budget = new Budget(options.budgetTokens - countTokens(repoName) - HEADER_TOKENS);
  const source = { files, paths: outline.paths, countTokens, budget, signal };
  const leading = await leadingItems(source);
  const dependencies = await dependencyItems(source);
  const used = new Set(leading.map((item) => item.path));
  const outlined = outline.files.filter(({ path }) => !used.has(path));
  const map = mapItems({ files: outlined, countTokens, budget });
  const mapped = new Set(map.map((item) => item.path));
  const last = await fileItems({ ...source, outlined, include, mapped });
  return {
    repoName,
    items: [...leading, ...dependencies, ...map, ...last.items],
    leftOut: [...outline.leftOut, ...last.leftOut].sort((left, right) =>
      byCodeUnits(left.path, right.path),
    ),
    rules: outline.rules,
  };
}

/** Begin of text and the mark before the repository's name. */
const HEADER_TOKENS = 2;

function cleanName(name: string): string {
  return name.replace(/\p{Cc}+/gu, ' ').trim();
}
