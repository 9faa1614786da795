import { formatBytes, formatCount } from '../../base/format.ts';
import type { SessionInfo } from '../../protocol/status.ts';

export interface SessionRow {
  readonly kind: SessionInfo['kind'];
  /** A path a person knows, or the id. */
  readonly name: string;
  readonly facts: string;
  readonly uri: string | undefined;
}

const kindOrder = ['base', 'file', 'chat'] as const;

/** Sessions as a person reads them: base first, then the most recently used. */
export function sessionRows(
  sessions: readonly SessionInfo[],
  nameOf: (uri: string) => string,
): SessionRow[] {
  const sorted = [...sessions].sort(
    (a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || b.usedAt - a.usedAt,
  );
  return sorted.map((session) => ({
    kind: session.kind,
    name: session.kind === 'file' ? nameOf(session.id) : session.id,
    facts: factsOf(session),
    uri: session.kind === 'file' ? session.id : undefined,
  }));
}

function factsOf({ tokens, sizeBytes, resident }: SessionInfo): string {
  const size = sizeBytes > 0 ? formatBytes(sizeBytes) : 'no file yet';
  return `${formatCount(tokens)} tokens · ${size} · ${resident ? 'in memory' : 'on disk'}`;
}
