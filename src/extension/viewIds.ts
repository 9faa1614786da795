/** Views in the container of Warmfork. package.json has the same (a test checks it). */
export const viewIds = {
  chat: 'warmfork.chat',
  sessions: 'warmfork.sessions',
} as const;
