/** Inline completions by a server: prompt, stream, stop rules, filters. */
import type { Disposable } from '../../base/disposable.ts';
import { isSecretPath } from '../../project/secretPaths.ts';
import type { ProjectChange } from '../../protocol/project.ts';
import type { CompletionParams, CompletionResult } from '../../protocol/requests.ts';
import type { ServerEndpoint } from '../../protocol/servers.ts';
import { defaultMaxTokens, emptyResult, maxCandidates } from '../completion/completion.ts';
import { applyFilters, type Filtered } from '../filters/chain.ts';
import { StopRules } from '../stop/stopRules.ts';
import { trace } from '../trace.ts';
import { readAnswer, type Answer } from './answer.ts';
import { Endpoint } from './endpoint.ts';
import type { FimText } from './fimText.ts';
import { LlamaServer } from './llamaServer.ts';
import { Places } from './places.ts';
import { keptProjectFile, ProjectTexts, restMs, type ProjectText } from './projectText.ts';
import { statsOf, type RoleOptions } from './servedRole.ts';
import { assumedCharsPerToken, assumedContextTokens, serverBudget } from './serverBudget.ts';
import type { ServerApi } from './serverKind.ts';
import { SlotRecord } from './slotRecord.ts';
import { SlotSessions } from './slotSessions.ts';

/** The first of several is greedy, the others are not. */
const otherTemperature = 0.8;

export interface CompleteOptions {
  readonly signal: AbortSignal;
  readonly onText?: ((text: string) => void) | undefined;
}

/** What is known of the server that answers now. */
interface Session {
  readonly api: ServerApi;
  readonly slots: SlotSessions | undefined;
  /** Counted once, on the project's own text. */
  charsPerToken: number;
}

export class CompletionRole {
  readonly endpoint: Endpoint;
  readonly project: ProjectTexts;
  readonly #options: RoleOptions;
  readonly #places = new Places();
  #session: Session | undefined;
  #warming: Promise<void> = Promise.resolve();
  /** The next look at a project that has changed. */
  #planned: Disposable | undefined;

  constructor(server: ServerEndpoint, options: RoleOptions) {
    const { params, settings, clock, ending, onHealth } = options;
    this.#options = options;
    this.project = new ProjectTexts(params, clock, ending);
    this.endpoint = new Endpoint({ server, settings, clock, ending, onHealth });
  }

  /** Has the server evaluate the project's text, or bring it back, before anybody types. Never rejects. */
  warmUp(): Promise<void> {
    const { ending, log } = this.#options;
    this.#warming = this.endpoint
      .use(async (api) => this.#warm(await this.#sessionOf(api), ending))
      .catch((error: unknown) => {
        if (!ending.aborted) log('info', `the server is not warm: ${(error as Error).message}`);
      });
    return this.#warming;
  }

  /** The server has the new text before the person comes back to type. */
  projectChanged(change: ProjectChange): void {
    if (this.project.changed(change)) this.#planWarmUp();
  }

  /** Throws a {@link ServerError} when there is no answer, or the signal's reason. */
  async complete(params: CompletionParams, options: CompleteOptions): Promise<CompletionResult> {
    if (isSecretPath(params.path)) return { ...emptyResult('stop'), dropped: 'secretFile' };
    const startedMs = performance.now();
    if (this.#planned !== undefined) this.#planWarmUp(); // later: somebody types
    return this.endpoint.use(async (api) => {
      const session = await this.#sessionOf(api);
      const project = await this.#projectText(session);
      const text = this.#places.text(params, project, this.#budget(session).places);
      const { uri } = params;
      const restored = (await session.slots?.enter(uri, project.id, this.#options.ending)) ?? false;
      const asked = { params, session, text, startedMs, ...options };
      const answers = await Promise.all(
        Array.from({ length: countOf(params) }, (_, at) => offer(asked, at)),
      );
      session.slots?.used();
      return resultOf(params, answers, startedMs, restored);
    });
  }

  /** Keeps the present file's session on the server, where it keeps any. */
  async save(signal: AbortSignal): Promise<number> {
    return (await this.#session?.slots?.saveFile(signal)) ?? 0;
  }

  #planWarmUp(): void {
    this.#planned?.dispose();
    this.#planned = this.#options.clock.schedule(() => {
      this.#planned = undefined;
      void this.warmUp();
    }, restMs);
  }

  async close(): Promise<void> {
    this.#planned?.dispose();
    await this.#warming;
    await this.project.close();
    this.endpoint.close();
  }

  async #sessionOf(api: ServerApi): Promise<Session> {
    if (this.#session?.api === api) return this.#session;
    const { params, log, ending } = this.#options;
    const isKept = params.settings.persist !== 'none' && api instanceof LlamaServer;
    const slots = isKept
      ? new SlotSessions(api, {
          workspaceKey: params.workspace.key,
          record: new SlotRecord(keptProjectFile(params, 'slots.json')),
          log: (message) => log('info', message),
        })
      : undefined;
    const session: Session = { api, slots, charsPerToken: assumedCharsPerToken };
    session.charsPerToken = await this.#measure(session, ending);
    this.#session = session;
    return session;
  }

  /** What does not fit is cut by the server, at the wrong end: a guess will not do. */
  async #measure(session: Session, signal: AbortSignal): Promise<number> {
    const { blocks } = await this.#projectText(session);
    const text = blocks.map((block) => `${block.path}\n${block.text}`).join('');
    if (text === '') return assumedCharsPerToken;
    const tokens = await session.api.countTokens(text, signal);
    if (tokens === undefined || tokens === 0) return assumedCharsPerToken;
    // Some room: other text may have more tokens.
    return Math.max(0.5, Math.floor((text.length / tokens) * 9.5) / 10);
  }

  #budget({ api, charsPerToken }: Session) {
    const { params, settings } = this.#options;
    const contextTokens = settings.contextTokens ?? api.facts.contextTokens ?? assumedContextTokens;
    return serverBudget(api.facts, contextTokens, params.settings.baseTokens, charsPerToken);
  }

  #projectText(session: Session): Promise<ProjectText> {
    return this.project.current(this.#budget(session).projectTokens, session.charsPerToken);
  }

  async #warm({ api, slots, charsPerToken }: Session, signal: AbortSignal): Promise<void> {
    const project = await this.#projectText({ api, slots, charsPerToken });
    const { repoName, blocks } = project;
    if (blocks.length === 0) return;
    const restored = (await slots?.restoreBase(signal)) ?? 0;
    const empty = { context: [], path: '', prefix: '', suffix: '', middle: '' };
    const text = { repoName, project: blocks, ...empty };
    const maxTokens = api.facts.kind === 'llama-server' ? 0 : 1;
    const slot = slots?.slotInUse;
    const pieces = api.complete({ text, maxTokens, singleLine: true, slot, signal });
    const startedMs = performance.now();
    const nothing = (): boolean => false;
    const answer = await readAnswer(pieces, {
      ...{ startedMs, stop: nothing, onText: nothing, takesCut: true },
    });
    const { promptTokens, evaluated } = statsOf(answer, startedMs);
    trace({ event: 'serverBase', restored, promptTokens, evaluated });
    if (evaluated > restored / 8) await slots?.saveBase(signal);
  }
}

interface Asked extends CompleteOptions {
  readonly params: CompletionParams;
  readonly session: Session;
  readonly text: FimText;
  readonly startedMs: number;
}

interface Offer {
  readonly answer: Answer;
  readonly filtered: Filtered;
}

async function offer(asked: Asked, at: number): Promise<Offer> {
  const { params, session, text, startedMs, signal, onText } = asked;
  const rules = rulesFor(params, startedMs);
  const sampling = at === 0 ? params.sampling : { temperature: otherTemperature, seed: at };
  const pieces = session.api.complete({
    ...{ text, signal, sampling },
    maxTokens: params.maxTokens ?? defaultMaxTokens[rules.kind.kind],
    singleLine: rules.kind.kind === 'line',
    slot: at === 0 ? session.slots?.slotInUse : undefined,
  });
  const answer = await readAnswer(pieces, {
    startedMs,
    stop: (whole) => rules.stop(whole),
    onText: (added) => (at === 0 ? onText?.(added) : undefined),
    takesCut: true,
  });
  const finished = await rules.finish(answer.text, answer.stopReason !== 'endOfText');
  return { answer, filtered: applyFilters(finished, params) };
}

function rulesFor(params: CompletionParams, startedMs: number): StopRules {
  const { prefix, suffix, languageId, singleLine, budgetMs } = params;
  const isLate = (): boolean => budgetMs !== undefined && performance.now() - startedMs > budgetMs;
  return new StopRules({ prefix, suffix, languageId, singleLine, isLate });
}

function countOf({ candidates = 1, trigger }: CompletionParams): number {
  return trigger === 'prefetch' ? 1 : Math.max(1, Math.min(candidates, maxCandidates));
}

function resultOf(
  { uri, trigger = 'automatic' }: CompletionParams,
  offers: readonly Offer[],
  startedMs: number,
  restored: boolean,
): CompletionResult {
  const texts = offers.map(({ filtered }) => filtered.text).filter((text) => text !== '');
  const candidates = [...new Set(texts)];
  const text = candidates[0] ?? '';
  const first = offers[0]!;
  const stats = statsOf(first.answer, startedMs, restored);
  const dropped = text === '' ? first.filtered.dropped : undefined;
  const { promptTokens, evaluated, reused } = stats;
  trace({
    event: 'served',
    role: 'completion',
    uri,
    text,
    trigger,
    promptTokens,
    evaluated,
    reused,
  });
  const { stopReason } = first.answer;
  return { text, candidates, stopReason, stats, ...(dropped && { dropped }) };
}
