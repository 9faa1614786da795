/** The cache ledger as the panel shows it: all texts made here. */
import { formatBytes, formatCount } from '../../base/format.ts';
import type { CacheLedger, CellSpan, LedgerFile, LedgerSession } from '../../protocol/sessions.ts';
import { localize } from '../localize.ts';
import { sessionName, type SessionNames } from './sessionWords.ts';
import type {
  ShownCache,
  ShownGroup,
  ShownRow,
  ShownSpan,
  ShownStrip,
} from './shared/cacheProtocol.ts';

/** Files that the extension itself keeps: conversations. */
export interface ExtensionFiles {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

const shades = 4;

export function shownCache(
  ledger: CacheLedger,
  chats: ExtensionFiles,
  names: SessionNames,
): ShownCache {
  return {
    title: localize('Warmfork Cache'),
    intro: localize(
      'What Warmfork keeps of your source code, and where. Everything is on this machine, readable by you alone, and can be removed at any time: what is needed is evaluated again.',
    ),
    strip: shownStrip(ledger, names),
    facts: facts(ledger),
    groups: groups(ledger, chats, names),
    buttons: [
      { action: 'removeEverything', label: localize('Remove Everything…') },
      { action: 'clear', label: localize('Clear This Workspace…') },
      { action: 'verify', label: localize('Verify Session Files') },
      { action: 'showContext', label: localize('Show Project Context') },
    ],
  };
}

function facts({ diskBytes, budgetBytes, sessions, memory, root }: CacheLedger) {
  const here = sessions.filter(({ owner }) => owner !== 'otherWorkspace');
  const used = localize('{0} of {1}', formatBytes(diskBytes), formatBytes(budgetBytes));
  const memoryName =
    memory.kind === 'private'
      ? localize('Private memory of the engine')
      : localize('Engine memory');
  return [
    { name: localize('On disk'), value: used },
    { name: localize('Of this workspace'), value: formatBytes(sum(here)) },
    { name: memoryName, value: formatBytes(memory.bytes) },
    { name: localize('Folder'), value: root ?? localize('none: nothing is kept') },
  ];
}

function sum(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((bytes, one) => bytes + one.bytes, 0);
}

function shownStrip({ cells }: CacheLedger, names: SessionNames): ShownStrip {
  const used = cells.spans.reduce((all, span) => all + span.cells, 0);
  const free = Math.max(0, cells.total - used);
  const counts = { base: 0, file: 0, chat: 0 };
  const spans: ShownSpan[] = cells.spans.map((span) => ({
    ...{ kind: span.kind, cells: span.cells, shade: counts[span.kind]++ % shades },
    name: spanName(span, names),
    words: shareWords(span.cells, cells.total),
  }));
  if (free > 0)
    spans.push({
      ...{ kind: 'free', shade: 0, cells: free, name: localize('Free') },
      words: shareWords(free, cells.total),
    });
  const words = spans.map(({ name, words: share }) => `${name}: ${share}`).join('; ');
  return {
    title: localize('Cells of the context: {0}', formatCount(cells.total)),
    words,
    spans,
  };
}

function spanName(span: CellSpan, names: SessionNames): string {
  return span.kind === 'base' ? localize('Base session') : sessionName(span, names);
}

function shareWords(cells: number, total: number): string {
  const percent = total > 0 ? Math.round((1000 * cells) / total) / 10 : 0;
  return localize('{0} cells, {1} %', formatCount(cells), percent);
}

function groups(ledger: CacheLedger, chats: ExtensionFiles, names: SessionNames): ShownGroup[] {
  let id = 0;
  const of = (owner: LedgerSession['owner']): ShownRow[] =>
    ledger.sessions
      .map((session, at) => [session, at] as const)
      .filter(([session]) => session.owner === owner)
      .map(([session, at]) => sessionRow(session, at, names));
  id = ledger.sessions.length;
  const others = ledger.others.map((file) => fileRow(file, id++));
  const all: ShownGroup[] = [
    sessionGroup(localize('This workspace'), localize('Sessions of the model in use.'), of('here')),
    sessionGroup(
      localize('This workspace, other models'),
      localize('Sessions that other models or releases left behind.'),
      of('otherModel'),
    ),
    sessionGroup(
      localize('Other workspaces'),
      localize('The disk budget is for all of them together.'),
      of('otherWorkspace'),
    ),
    {
      title: localize('Not sessions'),
      note: localize('What was found out about projects, so that they are not parsed again.'),
      columns: [localize('What'), localize('Size')],
      rows: others,
    },
    chatGroup(chats, id),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

function sessionGroup(title: string, note: string, rows: readonly ShownRow[]): ShownGroup {
  const columns = [
    ...[localize('What it holds'), localize('Kind'), localize('Tokens')],
    ...[localize('Size'), localize('Last used')],
  ];
  return { title, note, columns, rows };
}

function chatGroup({ path, bytes, files }: ExtensionFiles, id: number): ShownGroup {
  const name = localize('{0} conversations', formatCount(files));
  const row = { id, kind: 'other', name, opens: false, path, reveal: revealWords() } as const;
  return {
    title: localize('Chat history'),
    note: localize('Conversations as text, with what you attached. Delete them in the chat panel.'),
    columns: [localize('What'), localize('Size')],
    rows: files > 0 ? [{ ...row, cells: [formatBytes(bytes)] }] : [],
  };
}

function sessionRow(session: LedgerSession, id: number, names: SessionNames): ShownRow {
  const { kind, tokens, bytes, usedAt, path, owner, workspace } = session;
  const name = sessionName(session, names);
  const whose = owner === 'otherWorkspace' && workspace ? ` (${names.file(workspace)})` : '';
  return {
    ...{ id, kind, path, reveal: revealWords() },
    name: `${session.id === '' ? localize('Unreadable session') : name}${whose}`,
    opens: kind === 'file' && owner !== 'otherWorkspace' && session.id !== '',
    cells: [kindWords(kind), formatCount(tokens), formatBytes(bytes), names.time(usedAt)],
  };
}

function fileRow({ path, bytes, what }: LedgerFile, id: number): ShownRow {
  return {
    ...{ id, kind: 'other', path, opens: false, reveal: revealWords() },
    name: whatWords(what),
    cells: [formatBytes(bytes)],
  };
}

function whatWords(what: LedgerFile['what']): string {
  switch (what) {
    case 'projectFacts':
      return localize('Facts about projects');
    case 'rejected':
      return localize('Refused session, kept aside');
    case 'other':
      return localize('Other file');
  }
}

function kindWords(kind: LedgerSession['kind']): string {
  return { base: localize('base'), file: localize('file'), chat: localize('chat') }[kind];
}

function revealWords(): string {
  return localize('Reveal');
}
