/** The base that this workspace should have, from the project as it is now. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeProjectFiles } from '../../project/nodeProjectFiles.ts';
import { outlineProject, type OutlineOptions, type ProjectOutline } from '../../project/outline.ts';
import { bundledWorker, OutlineThread } from '../../project/outlineThread.ts';
import { collectProjectContext, type ProjectContext } from '../../project/projectContext.ts';
import type { LeftOut } from '../../project/scan.ts';
import type { ContextChoice, ProjectChange } from '../../protocol/project.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import { baseBudget, type BaseBudget } from './baseBudget.ts';
import { mayMatter } from './changeFilter.ts';
import { evaluationSpeed } from './evaluationSpeed.ts';
import { basePrompt, countTokens, type BasePrompt } from '../prompt/basePrompt.ts';
import { TextMemory } from '../prompt/textMemory.ts';
import { RulesRecord } from './rulesRecord.ts';
import type { Runtime } from '../runtime.ts';

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
  readonly #keepsFacts: boolean;
  readonly #texts: TextMemory;
  /** By which rules the bases of this workspace were made. */
  readonly rules: RulesRecord;
  #choice: ContextChoice;
  #leftOut: readonly LeftOut[] = [];

  constructor(runtime: Runtime, params: ProjectBaseParams) {
    this.#runtime = runtime;
    this.#texts = new TextMemory((text) => runtime.tokenizer.text(text));
    this.#params = params;
    this.#choice = params.workspace.context ?? { include: [], exclude: [] };
    this.#keepsFacts = params.settings.persist !== 'none';
    this.rules = new RulesRecord(this.#keepsFacts ? this.#keptFile('rules.json') : undefined);
    const worker = bundledWorker();
    // Sources have no bundled worker; they scan on their own thread.
    this.#thread = worker === undefined ? undefined : new OutlineThread(worker);
  }

  get trusted(): boolean {
    return this.#params.workspace.trusted ?? true;
  }

  /** Whether what happened on disk can change the project context, as far as the last look tells. */
  isConcernedBy(change: ProjectChange): boolean {
    return mayMatter(change, this.#params.workspace.folders, this.#leftOut);
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
    this.#texts.beginLook();
    const files = nodeProjectFiles(workspace.folders);
    const context = await collectProjectContext(files, {
      repoName: workspace.name,
      filesExclude: workspace.filesExclude,
      ...this.#choice,
      trusted: this.trusted,
      countTokens: (text) => countTokens(tokenizer, text, this.#texts.tokens),
      budgetTokens: budget.tokens,
      signal,
      outline: (options) => this.#outline(options, budget.tokens),
    });
    log(
      'info',
      `project context: ${context.items.length} items, ${context.leftOut.length} left out`,
    );
    this.#leftOut = context.leftOut;
    return {
      ...basePrompt(tokenizer, context, budget.tokens, this.#texts.tokens),
      context,
      budget,
    };
  }

  /** Removes what was kept of this project's files. Until the next look nothing of it is on the disk. */
  async forget(): Promise<void> {
    await rm(dirname(this.#keptFile('facts.json')), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }

  async #budget(signal: AbortSignal): Promise<BaseBudget> {
    const setting = this.#params.settings.baseTokens;
    const speed =
      setting === null
        ? await evaluationSpeed(this.#runtime, join(this.#folder, 'speed.json'), signal)
        : undefined;
    const contextTokens = this.#runtime.context.nCtx;
    return baseBudget({ setting, contextTokens, tokensPerSecond: speed });
  }

  #outline(options: OutlineOptions, budgetTokens: number): Promise<ProjectOutline> {
    const { folders } = this.#params.workspace;
    if (this.#thread === undefined) return outlineProject(nodeProjectFiles(folders), options);
    const work = {
      folders: folders.map(({ name: folder, path }) => ({ name: folder, path })),
      ...(this.#keepsFacts && { cacheFile: this.#keptFile('facts.json') }),
      maxSignatureChars: budgetTokens * charsPerToken,
    };
    return this.#thread.outline(work, options);
  }

  /** Beside the sessions, which are a cache of their own. */
  get #folder(): string {
    return join(dirname(this.#params.storagePath), 'projects');
  }

  /** A file of this workspace. */
  #keptFile(name: string): string {
    const { key } = this.#params.workspace;
    return join(this.#folder, createHash('sha256').update(key).digest('hex').slice(0, 16), name);
  }
}
