/** The project context as text, for servers: the very items that the local base would be made of. */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { nodeProjectFiles } from '../../project/nodeProjectFiles.ts';
import { outlineProject, type OutlineOptions, type ProjectOutline } from '../../project/outline.ts';
import { bundledWorker, OutlineThread } from '../../project/outlineThread.ts';
import { collectProjectContext, type ProjectContext } from '../../project/projectContext.ts';
import type { ContextChoice, ProjectChange } from '../../protocol/project.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import { mayMatter } from '../base/changeFilter.ts';
import type { ServerClock } from './clock.ts';
import type { TextBlock } from './fimText.ts';

export interface ProjectText {
  readonly repoName: string;
  readonly blocks: readonly TextBlock[];
  /** Names the content: the same for the same text. */
  readonly id: string;
}

/** Another text costs the server its cache from there on: a change waits until nobody types, but not for ever. */
export const restMs = 60_000;
const longestMs = 10 * 60_000;

export class ProjectTexts {
  readonly #params: InitializeParams;
  readonly #clock: ServerClock;
  readonly #thread: OutlineThread | undefined;
  readonly #ending: AbortSignal;
  #choice: ContextChoice;
  #context: ProjectContext | undefined;
  #text: Promise<ProjectText> | undefined;
  #key = '';
  #isStale = false;
  #madeAt = 0;
  #askedAt = -Infinity;
  /** Times the project was looked at. */
  scans = 0;

  constructor(params: InitializeParams, clock: ServerClock, ending: AbortSignal) {
    this.#params = params;
    this.#clock = clock;
    this.#ending = ending;
    this.#choice = params.workspace.context ?? { include: [], exclude: [] };
    const worker = bundledWorker();
    this.#thread = worker === undefined ? undefined : new OutlineThread(worker);
  }

  /** The text that serves now, made at first and when it is stale and nobody minds. Without a project that can be read: none. */
  current(budgetTokens: number, charsPerToken: number): Promise<ProjectText> {
    const now = this.#clock.now();
    const key = `${budgetTokens} ${charsPerToken}`;
    const isDue =
      this.#isStale && (now - this.#askedAt >= restMs || now - this.#madeAt >= longestMs);
    this.#askedAt = now;
    if (this.#text === undefined || this.#key !== key || isDue) {
      this.#key = key;
      this.#isStale = false;
      this.#madeAt = now;
      this.#text = this.#make(budgetTokens, charsPerToken);
    }
    return this.#text;
  }

  /** Whether the text may be another one now. */
  changed(change: ProjectChange): boolean {
    const leftOut = this.#context?.leftOut ?? [];
    if (mayMatter(change, this.#params.workspace.folders, leftOut)) this.#isStale = true;
    return this.#isStale;
  }

  /** What a person wants in and out holds at once. */
  choose(choice: ContextChoice): void {
    this.#choice = choice;
    this.#text = undefined;
  }

  async close(): Promise<void> {
    await this.#text?.catch(() => undefined);
    await this.#thread?.close();
  }

  async #make(budgetTokens: number, charsPerToken: number): Promise<ProjectText> {
    const { workspace } = this.#params;
    this.scans++;
    try {
      this.#context = await collectProjectContext(nodeProjectFiles(workspace.folders), {
        repoName: workspace.name,
        filesExclude: workspace.filesExclude,
        ...this.#choice,
        trusted: workspace.trusted ?? true,
        countTokens: (text) => Math.ceil(text.length / charsPerToken),
        budgetTokens,
        signal: this.#ending,
        outline: (options) => this.#outline(options, budgetTokens * charsPerToken),
      });
      return textOf(this.#context);
    } catch (error) {
      if (this.#ending.aborted) throw error;
      return { repoName: workspace.name, blocks: [], id: 'none' };
    }
  }

  #outline(options: OutlineOptions, maxSignatureChars: number): Promise<ProjectOutline> {
    const { folders } = this.#params.workspace;
    if (this.#thread === undefined) return outlineProject(nodeProjectFiles(folders), options);
    const keeps = this.#params.settings.persist !== 'none';
    const work = {
      folders: folders.map(({ name, path }) => ({ name, path })),
      ...(keeps && { cacheFile: keptProjectFile(this.#params, 'facts.json') }),
      maxSignatureChars: Math.ceil(maxSignatureChars),
    };
    return this.#thread.outline(work, options);
  }
}

/** A file of the workspace, beside those that the local base's scans keep. */
export function keptProjectFile(
  { storagePath, workspace }: Pick<InitializeParams, 'storagePath' | 'workspace'>,
  name: string,
): string {
  const folder = createHash('sha256').update(workspace.key).digest('hex').slice(0, 16);
  return join(dirname(storagePath), 'projects', folder, name);
}

function textOf({ repoName, items }: ProjectContext): ProjectText {
  const blocks = items.map(({ path, text }) => ({
    path,
    text: text.endsWith('\n') ? text : `${text}\n`,
  }));
  const hash = createHash('sha256').update(JSON.stringify([repoName, blocks]));
  return { repoName, blocks, id: hash.digest('hex').slice(0, 16) };
}
