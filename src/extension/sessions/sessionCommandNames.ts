/** Commands of the view of sessions and of the cache, without the `warmfork.` in front. */
export const sessionCommandNames = [
  'showSessions',
  'showCache',
  'removeEverything',
  'saveSession',
  'detachSession',
  'discardSession',
  'verifySession',
  'exportSession',
  'revealSession',
] as const;

export type SessionCommandName = (typeof sessionCommandNames)[number];
