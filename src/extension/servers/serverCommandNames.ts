/** Commands for servers, without the `warmfork.` in front. */
export const serverCommandNames = ['setServerKey', 'clearServerKey'] as const;

export type ServerCommandName = (typeof serverCommandNames)[number];
