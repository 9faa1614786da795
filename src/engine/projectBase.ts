/** The base that this workspace should have, from the project as it is now. */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { nodeProjectFiles } from '../project/nodeProjectFiles.ts';
import { outlineProject, type OutlineOptions, type ProjectOutline } from '../project/outline.ts';
import { bundledWorker, OutlineThread } from '../project/outlineThread.ts';
import { collectProjectContext, type ProjectContext } from '../project/projectContext.ts';
import type { ContextChoice } from '../protocol/project.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import { baseBudget, type BaseBudget } from './baseBudget.ts';
import { evaluationSpeed } from './evaluationSpeed.ts';
import { basePrompt, countTokens, type BasePrompt } from './prompt/basePrompt.ts';
import type { Runtime } from './runtime.ts';

/** A base as it should be, and how it came about. */
export interface WantedBase extends BasePrompt {
  readonly context: ProjectContext;
  readonly budget: BaseBudget;
}

export type ProjectBaseParams = Pick<InitializeParams, 'workspace' | 'settings' | 'storagePath'>;

/** No tokenizer makes fewer tokens of source code than one for so many characters. */
const charsPerToken = 6;

export class ProjectBase {
  readonly #runtime: Runtime;
  readonly #params: ProjectBaseParams;
  readonly #thread: OutlineThread | undefined;
  #choice: ContextChoice;

  constructor(runtime: Runtime, params: ProjectBaseParams) {
    this.#runtime = runtime;
    this.#params = params;
    this.#choice = params.workspace.context ?? { include: [], exclude: [] };
    const worker = bundledWorker();
    // Sources have no bundled worker; they scan on their own thread.
    this.#thread = worker === undefined ? undefined : new OutlineThread(worker);
  }

  /** What a person wants in and out from now on. */
  choose(choice: ContextChoice): void {
    this.#choice = choice;
  }

  /** Scans the project and chooses what goes in. Rejects with a `ProjectError`, or the signal's reason. */
  async wanted(signal: AbortSignal): Promise<WantedBase> {
    const { tokenizer, log } = this.#runtime;
    const { workspace } = this.#params;
    const budget = await this.#budget(signal);
    const files = nodeProjectFiles(workspace.folders);
    const context = await collectProjectContext(files, {
      repoName: workspace.name,
      filesExclude: workspace.filesExclude,
      ...this.#choice,
      trusted: workspace.trusted ?? true,
      countTokens: (text) => countTokens(tokenizer, text),
      budgetTokens: budget.tokens,
      signal,
      outline: (options) => this.#outline(options, budget.tokens),
    });
    log(
      'info',
      `project context: ${context.items.length} items, ${context.leftOut.length} left out`,
    );
    return { ...basePrompt(tokenizer, context, budget.tokens), context, budget };
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }

  async #budget(signal: AbortSignal): Promise<BaseBudget> {
    const setting = this.#params.settings.baseTokens;
    const speed =
      setting === null
        ? await evaluationSpeed(this.#runtime, this.#keptFile('speed.json'), signal)
        : undefined;
    const contextTokens = this.#runtime.context.nCtx;
    return baseBudget({ setting, contextTokens, tokensPerSecond: speed });
  }

  #outline(options: OutlineOptions, budgetTokens: number): Promise<ProjectOutline> {
    const { folders, key } = this.#params.workspace;
    if (this.#thread === undefined) return outlineProject(nodeProjectFiles(folders), options);
    const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const work = {
      folders: folders.map(({ name: folder, path }) => ({ name: folder, path })),
      cacheFile: this.#keptFile(`${name}.facts.json`),
      maxSignatureChars: budgetTokens * charsPerToken,
    };
    return this.#thread.outline(work, options);
  }

  /** Beside the sessions, which are a cache of their own. */
  #keptFile(name: string): string {
    return join(dirname(this.#params.storagePath), 'projects', name);
  }
}

/** The tokens alone, for an engine that does not watch the project. */
export async function projectBaseTokens(
  runtime: Runtime,
  workspace: InitializeParams['workspace'],
  settings: InitializeParams['settings'],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const params = { workspace, settings, storagePath: join('.', 'unused', 'sessions') };
  const project = new ProjectBase(runtime, params);
  try {
    return (await project.wanted(signal)).tokens;
  } finally {
    await project.close();
  }
}
