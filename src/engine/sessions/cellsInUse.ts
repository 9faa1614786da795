import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { CellsInUse, CellSpan } from '../../protocol/sessions.ts';
import type { Base } from '../base/base.ts';
import { overlayId, type Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';

/**
 * How many cells of the context each session has. Sequences that begin alike are forks of one another, as far as they
 * do: their cells are counted once. What requests in flight add, and a base that is being built, is not counted.
 */
export function cellsInUse(total: number, base: Base, overlays: Overlays): CellsInUse {
  const counted: (readonly number[])[] = [base.sequence.tokens];
  const spans: CellSpan[] = [];
  const { length } = base.sequence.tokens;
  if (length > 0) spans.push({ kind: 'base', id: base.id ?? '', cells: length });
  for (const overlay of inOrder(overlays.all)) {
    let cells = 0;
    for (const tokens of tokensOf(overlay)) {
      const shared = counted.map((other) => commonPrefixLength(other, tokens));
      cells += tokens.length - Math.max(...shared);
      counted.push(tokens);
    }
    if (cells > 0) spans.push({ kind: overlay.name.kind, id: overlayId(overlay.name), cells });
  }
  return { total, spans };
}

/** Files before chats, the last used first. */
function inOrder(all: readonly Overlay[]): readonly Overlay[] {
  const rank = ({ name }: Overlay): number => (name.kind === 'file' ? 0 : 1);
  return [...all].sort((a, b) => rank(a) - rank(b) || b.usedAt - a.usedAt);
}

function tokensOf({ sequence, former }: Overlay): (readonly number[])[] {
  const own = sequence === undefined ? [] : [sequence.tokens];
  return [...own, ...former.map((place) => place.sequence.tokens)];
}
