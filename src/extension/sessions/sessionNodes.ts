/** The tree of sessions as plain data. */
import { formatBytes, formatCount } from '../../base/format.ts';
import type { SessionInfo } from '../../protocol/status.ts';
import { localize } from '../localize.ts';
import {
  type Fact,
  sessionFacts,
  sessionName,
  type SessionNames,
  sessionSummary,
} from './sessionWords.ts';

export interface SessionGroup {
  readonly kind: 'group';
  readonly of: SessionInfo['kind'];
  readonly label: string;
  readonly description: string;
  readonly sessions: readonly SessionNode[];
}

export interface SessionNode {
  readonly kind: 'session';
  readonly session: SessionInfo;
  readonly label: string;
  readonly description: string;
  readonly facts: readonly Fact[];
  /** For a screen reader. */
  readonly words: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** Words that the menus of package.json look for. */
  readonly context: string;
}

const groups = ['base', 'file', 'chat'] as const;

/** Base first; in each group the last used first. Groups without sessions are left out. */
export function sessionGroups(
  sessions: readonly SessionInfo[],
  names: SessionNames,
): readonly SessionGroup[] {
  return groups.flatMap((of) => {
    const own = sessions.filter(({ kind }) => kind === of).sort(inOrder);
    if (own.length === 0) return [];
    const nodes = own.map((session) => sessionNode(session, names));
    return [{ kind: 'group', of, ...groupWords(of, own), sessions: nodes }];
  });
}

function inOrder(a: SessionInfo, b: SessionInfo): number {
  return Number(a.state === 'onDisk') - Number(b.state === 'onDisk') || b.usedAt - a.usedAt;
}

function groupWords(of: SessionInfo['kind'], sessions: readonly SessionInfo[]) {
  const titles = { base: localize('Base'), file: localize('Files'), chat: localize('Chats') };
  const tokens = sessions.reduce((sum, session) => sum + session.tokens, 0);
  const bytes = sessions.reduce((sum, session) => sum + session.sizeBytes, 0);
  const description = localize('{0} tokens · {1}', formatCount(tokens), formatBytes(bytes));
  return { label: `${titles[of]} (${sessions.length})`, description };
}

function sessionNode(session: SessionInfo, names: SessionNames): SessionNode {
  const label = labelOf(session, names);
  const facts = sessionFacts(session, names);
  return {
    ...{ kind: 'session', session, label, facts },
    description: sessionSummary(session),
    words: [label, ...facts.map(({ name, value }) => `${name}: ${value}`)].join(', '),
    icon: iconOf(session),
    context: contextOf(session),
  };
}

/** The base that serves needs no number. */
function labelOf(session: SessionInfo, names: SessionNames): string {
  const isServing = session.kind === 'base' && session.state !== 'onDisk';
  return isServing ? localize('Project context') : sessionName(session, names);
}

const icons = { base: 'database', file: 'file-code', chat: 'comment-discussion' } as const;

function iconOf({ kind, state, isPrivate, isOutdated }: SessionInfo): string {
  if (isPrivate) return 'lock';
  if (isOutdated) return 'history';
  return state === 'onDisk' ? 'archive' : icons[kind];
}

function contextOf(session: SessionInfo): string {
  const { kind, state, isDirty, isPrivate, isOutdated, sizeBytes } = session;
  const words: string[] = [kind, state];
  if (isDirty && !isPrivate) words.push('unsaved');
  if (sizeBytes > 0) words.push('stored');
  if (!isOutdated) words.push('exportable');
  return words.join(' ');
}
