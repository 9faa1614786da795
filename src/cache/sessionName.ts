import { join } from 'node:path';
import { assertNever } from '../base/assertNever.ts';
import { parseBaseId } from './baseId.ts';
import { requireArgument } from './cacheError.ts';
import { shortHash } from './tokenHash.ts';

/** Names a session inside one workspace. */
export type SessionName =
  | { readonly kind: 'base'; readonly baseId: string }
  | { readonly kind: 'file'; readonly uri: string }
  | { readonly kind: 'chat'; readonly chatId: string };

/** An overlay: what one document or one conversation adds to a base. */
export type OverlayName = Exclude<SessionName, { kind: 'base' }>;

const maxUriLength = 32 * 1024;

/** Path of a session relative to the directory of its workspace; throws for a malformed name. */
export function relativeSessionPath(name: SessionName): string {
  switch (name.kind) {
    case 'base':
      return `base-${parseBaseId(name.baseId)}.session`;
    case 'file':
      requireArgument(
        name.uri.length > 0 && name.uri.length <= maxUriLength,
        'a file session needs a URI',
      );
      return join('files', `${shortHash(name.uri)}.session`);
    case 'chat':
      requireArgument(
        /^[A-Za-z0-9_-]{1,64}$/.test(name.chatId),
        'a chat id is 1–64 of A-Za-z0-9_-',
      );
      return join('chats', `${name.chatId}.session`);
    default:
      return assertNever(name);
  }
}

/** Directory of a workspace below that of a fingerprint. KV is source code in another form: never shared. */
export function workspaceDirectoryName(workspace: string): string {
  return shortHash(workspace);
}

/** Path of the manifest of a session file. */
export function manifestPath(sessionPath: string): string {
  return `${sessionPath}.json`;
}

/** Files derived from a base session: the raw cells and the rest of its state. They live and die with it. */
export function derivedPaths(basePath: string): { readonly cells: string; readonly meta: string } {
  const stem = basePath.slice(0, -'.session'.length);
  return { cells: `${stem}.cells`, meta: `${stem}.meta` };
}
