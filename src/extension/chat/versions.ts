/** Versions of an entry: what stands at its place in the branches that agree on everything before it. */
import type { ShownConversation, ShownEntry } from './shared/chatProtocol.ts';
import { currentBranch, type Branch, type Conversation } from './conversation.ts';

/** The present branch as the panel shows it. */
export function shown(conversation: Conversation): ShownConversation {
  const { id, title, isPrivate } = conversation;
  const { entries, dropped } = currentBranch(conversation);
  return {
    ...{ id, title, isPrivate },
    entries: entries.map((entry, index): ShownEntry => {
      const ids = versionIds(conversation, index);
      const version = { index: ids.indexOf(entry.id), count: ids.length };
      return {
        ...entry,
        ...(ids.length > 1 && { version }),
        ...(index < dropped && { isDropped: true }),
      };
    }),
  };
}

/** The branch with the version `step` places from that of the entry; the same conversation when there is none. */
export function switched(conversation: Conversation, entryId: number, step: number): Conversation {
  const { entries } = currentBranch(conversation);
  const index = entries.findIndex(({ id }) => id === entryId);
  const ids = index < 0 ? [] : versionIds(conversation, index);
  const wanted = ids[ids.indexOf(entryId) + step];
  // The branch that was made last has most to show.
  const target = siblings(conversation, index).findLast((one) => one.entries[index]?.id === wanted);
  if (wanted === undefined || target === undefined) return conversation;
  return { ...conversation, current: target.chatId };
}

function versionIds(conversation: Conversation, index: number): number[] {
  const ids = siblings(conversation, index).flatMap(({ entries }) => entries[index]?.id ?? []);
  return Array.from(new Set(ids)).sort((a, b) => a - b);
}

/** Branches that have the same entries before `index` as the present one. */
function siblings(conversation: Conversation, index: number): readonly Branch[] {
  const before = currentBranch(conversation).entries.slice(0, Math.max(0, index));
  return conversation.branches.filter(({ entries }) =>
    before.every(({ id }, at) => entries[at]?.id === id),
  );
}
