/** What a person reads of one session. */
import { formatBytes, formatCount, formatMs } from '../../base/format.ts';
import type { SessionRef } from '../../protocol/sessions.ts';
import type { SessionInfo, SessionState } from '../../protocol/status.ts';
import { localize } from '../localize.ts';

/** How a person knows documents and chats. */
export interface SessionNames {
  readonly file: (uri: string) => string;
  /** Undefined for one that is not in the history. */
  readonly chat: (chatId: string) => string | undefined;
  readonly time: (ms: number) => string;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export function sessionName({ kind, id }: SessionRef, names: SessionNames): string {
  switch (kind) {
    case 'base':
      return localize('Project context {0}', id.slice(0, 8));
    case 'file':
      return names.file(id);
    case 'chat':
      return names.chat(id) ?? requestName(id);
  }
}

/** Chats that are no conversation of the panel. */
function requestName(chatId: string): string {
  return chatId.startsWith('edit-') ? localize('Inline edit') : localize('Chat of VS Code');
}

function stateWords(state: SessionState): string {
  switch (state) {
    case 'resident':
      return localize('in memory');
    case 'mapped':
      return localize('mapped');
    case 'onDisk':
      return localize('on disk');
  }
}

/** Short: what stands beside the name. */
export function sessionSummary({ tokens, sizeBytes, state, savedMs = 0 }: SessionInfo): string {
  const size = sizeBytes > 0 ? formatBytes(sizeBytes) : localize('no file');
  const parts = [localize('{0} tokens', formatCount(tokens)), size, stateWords(state)];
  if (savedMs > 0) parts.push(localize('saved {0}', formatMs(savedMs)));
  return parts.join(' · ');
}

/** Everything, in full. */
export function sessionFacts(session: SessionInfo, { time }: SessionNames): readonly Fact[] {
  const { tokens, sizeBytes, state, hits, savedMs, usedAt, isPrivate, path } = session;
  const facts: Fact[] = [];
  const add = (name: string, value: string): void => void facts.push({ name, value });
  if (session.kind === 'base') add(localize('Base'), session.id);
  add(localize('Tokens'), formatCount(tokens));
  add(localize('State'), longState(state));
  const disk = sizeBytes > 0 ? formatBytes(sizeBytes) : noFileWords(isPrivate);
  add(localize('On disk'), session.isDirty ? localize('{0}, not up to date', disk) : disk);
  add(localize('Hits since the engine started'), formatCount(hits));
  if (savedMs !== undefined) add(localize('Evaluation saved'), formatMs(savedMs));
  add(localize('Last used'), time(usedAt));
  if (session.isOutdated)
    add(localize('Note'), localize('of another base: evaluated again when it is used'));
  if (path !== undefined) add(localize('File'), path);
  return facts;
}

function noFileWords(isPrivate: boolean): string {
  return isPrivate ? localize('never: the chat is private') : localize('no file');
}

function longState(state: SessionState): string {
  switch (state) {
    case 'resident':
      return localize('in memory: its cells are in the context');
    case 'mapped':
      return localize('mapped: its cells are in the context, on its file');
    case 'onDisk':
      return localize('on disk: it returns when it is used');
  }
}
