/** Commands of the chat and of inline edit, without the `warmfork.` in front. */
export const chatCommandNames = [
  'openChat',
  'newChat',
  'newPrivateChat',
  'showChatHistory',
  'exportChat',
  'explain',
  'fix',
  'writeTests',
  'document',
  'writeCommitMessage',
  'attachSelection',
  'attachFile',
  'editSelection',
  'acceptEdit',
  'rejectEdit',
] as const;

export type ChatCommandName = (typeof chatCommandNames)[number];
