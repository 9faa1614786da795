/** The text of a problem report. English in every language: it is for those who mend. */
import { formatBytes, formatCount, formatMs } from '../../base/format.ts';
import type { EngineDiagnostics } from '../../protocol/diagnostics.ts';
import type { EngineCounters, EngineStatus, SessionInfo } from '../../protocol/status.ts';
import type { Problem } from './logRing.ts';
import { type KnownPlace, redact } from './redact.ts';

export interface DiagnosticsFacts {
  readonly extensionVersion: string;
  readonly vscodeVersion: string;
  /** Product, kind of interface and remote, in words. */
  readonly host: string;
  readonly status: EngineStatus;
  /** Absent where there is no engine to ask, with the reason beside it. */
  readonly engine?: EngineDiagnostics | undefined;
  readonly engineMissing?: string | undefined;
  readonly counters?: EngineCounters | undefined;
  readonly sessions?: readonly SessionInfo[] | undefined;
  /** Settings that are not as they come; of texts and lists only that they are set. */
  readonly settings: readonly { readonly key: string; readonly value: unknown }[];
  readonly isTrusted: boolean;
  readonly folders: number;
  readonly problems: readonly Problem[];
  readonly places: readonly KnownPlace[];
}

/** Markdown. Holds no text, no name and no path of a workspace. */
export function diagnosticsText(facts: DiagnosticsFacts): string {
  const sections = [
    ['Versions', versions(facts)],
    ['Machine', machine(facts)],
    ['Engine', engineState(facts)],
    ['Model', model(facts)],
    ['Sessions', sessions(facts)],
    ['Counters since the engine started', counters(facts)],
    ['Settings that were changed', settings(facts)],
    ['Last warnings and errors', problems(facts)],
  ] as const;
  const text = sections.map(([title, lines]) => section(title, lines)).join('\n\n');
  return `# Warmfork diagnostics\n\n${text}\n`;
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.length > 0 ? lines : ['none'];
  return `## ${title}\n\n${shown.map((line) => `- ${line}`).join('\n')}`;
}

function versions({ extensionVersion, vscodeVersion, host, engine }: DiagnosticsFacts): string[] {
  const lines = [`Warmfork ${extensionVersion}`, `VS Code ${vscodeVersion} (${host})`];
  if (engine === undefined) return lines;
  const { release, variant, sessionVersion, sequenceVersion } = engine.library;
  return [
    ...lines,
    `llama.cpp ${release}, library for ${variant}`,
    `session files version ${sessionVersion}, sequence files version ${sequenceVersion}`,
    `Node ${engine.machine.nodeVersion} in the engine`,
  ];
}

function machine({ engine }: DiagnosticsFacts): string[] {
  if (engine === undefined) return [];
  const { machine: facts, library, memory } = engine;
  const { processor, processors, processorFlags, memoryBytes, freeBytes } = facts;
  return [
    `${facts.system}, ${facts.architecture}`,
    `${processor}, ${processors} logical processors`,
    `processor flags: ${processorFlags.join(' ') || 'not known'}`,
    `memory: ${formatBytes(memoryBytes)}, ${formatBytes(freeBytes)} free`,
    `engine: ${formatBytes(memory.bytes)} ${memory.kind} memory`,
    `files can be mapped: ${yesNo(library.mmapSupported)}; cells on a mapped file: ${yesNo(library.imagesSupported)}`,
  ];
}

function engineState(facts: DiagnosticsFacts): string[] {
  const { status, engine, engineMissing, isTrusted, folders } = facts;
  const { state, message, persistence, lastFirstTokenMs, base } = status;
  const clean = (text: string): string => redact(text, facts.places);
  const lines = [`state: ${state}${message === undefined ? '' : `: ${clean(message)}`}`];
  if (engineMissing !== undefined) lines.push(`no facts: ${clean(engineMissing)}`);
  const { kind, reason } = persistence;
  lines.push(`sessions are kept: ${kind}${reason === undefined ? '' : ` (${clean(reason)})`}`);
  if (base) {
    const persisted = base.persisted ? '' : ', not on disk';
    lines.push(
      `base: ${formatCount(base.tokens)} tokens, ${base.source} in ${formatMs(base.ms)}${persisted}`,
    );
  }
  if (engine) lines.push(`base cells: ${inPlaceWords(engine, clean)}`);
  if (lastFirstTokenMs !== undefined) lines.push(`last first token: ${formatMs(lastFirstTokenMs)}`);
  if (engine?.tokensPerSecond !== undefined)
    lines.push(`prompts: ${engine.tokensPerSecond.toFixed(1)} tokens/s`);
  lines.push(`workspace: ${folders} folders, ${isTrusted ? 'trusted' : 'restricted'}`);
  return lines;
}

function inPlaceWords(
  { isInPlace, copiedBecause }: EngineDiagnostics,
  clean: (text: string) => string,
): string {
  if (isInPlace) return 'mapped in place';
  return copiedBecause === undefined ? 'in memory' : `copied: ${clean(copiedBecause)}`;
}

function model({ engine, status }: DiagnosticsFacts): string[] {
  if (engine === undefined) return [];
  const { model: facts, context } = engine;
  return [
    `${facts.description}${status.model?.standIn ? ' (stand-in)' : ''}`,
    `${formatCount(facts.parameters)} parameters, ${formatBytes(facts.sizeBytes)}, ${facts.layers} layers, vocabulary ${formatCount(facts.vocabulary)}`,
    `trained for ${formatCount(facts.trainedContext)} tokens, sliding window ${facts.slidingWindow || 'none'}`,
    `fill-in-the-middle: ${yesNo(facts.fim)}; chat template: ${yesNo(facts.hasChatTemplate)}`,
    `context: ${formatCount(context.cells)} cells of ${context.kvType}, ${context.sequences} sequences, batch ${context.batch}/${context.ubatch}, ${context.threads} threads`,
  ];
}

function sessions({ sessions: all = [], engine }: DiagnosticsFacts): string[] {
  const lines = (['base', 'file', 'chat'] as const).flatMap((kind) => {
    const own = all.filter((session) => session.kind === kind);
    if (own.length === 0) return [];
    const sum = (of: (session: SessionInfo) => number): number =>
      own.reduce((total, session) => total + of(session), 0);
    const inMemory = own.filter(({ state }) => state !== 'onDisk').length;
    return [
      `${kind}: ${own.length} (${inMemory} in memory), ${formatCount(sum(({ tokens }) => tokens))} tokens, ` +
        `${formatBytes(sum(({ sizeBytes }) => sizeBytes))}, ${sum(({ hits }) => hits)} hits, ` +
        `${formatMs(sum(({ savedMs = 0 }) => savedMs))} saved`,
    ];
  });
  if (engine?.cache === undefined) return lines;
  const { hits, misses, published, committed, evicted, rejected } = engine.cache;
  const refused = Object.entries(rejected).map(([reason, count]) => `${reason} ${count}`);
  lines.push(
    `look-ups: ${hits} found, ${misses} missed (${percent(hits, hits + misses)} found)`,
    `written: ${published} bases, ${committed} overlays; evicted ${evicted}; refused: ${refused.join(', ') || 'none'}`,
  );
  return lines;
}

function counters({ counters: all, engine }: DiagnosticsFacts): string[] {
  const entries = [...Object.entries(all ?? {}), ...Object.entries(engine?.sessionFiles ?? {})];
  return entries.map(([name, count]) => `${name}: ${formatCount(Number(count))}`);
}

function settings({ settings: changed }: DiagnosticsFacts): string[] {
  return changed.map(({ key, value }) => `${key}: ${settingWords(value)}`);
}

/** Numbers, switches and choices; what a person wrote in own words is not for others. */
function settingWords(value: unknown): string {
  const isTelling = typeof value === 'number' || typeof value === 'boolean' || value === null;
  if (isTelling) return String(value);
  return typeof value === 'string' && /^[a-z\d_]{1,12}$/iu.test(value) ? value : 'set';
}

function problems({ problems: all, places }: DiagnosticsFacts): string[] {
  return all.map(({ level, message, at }) => {
    const time = new Date(at).toISOString();
    const text = redact(message, places).replace(/\s*\n\s*/gu, ' ⏎ ');
    return `${time} ${level}: ${text}`;
  });
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
