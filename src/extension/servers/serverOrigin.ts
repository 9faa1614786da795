import type { ServerEndpoint, ServerSettings } from '../../protocol/servers.ts';

/** Scheme, host and port: what a key belongs to. Undefined for what is no address. */
export function serverOrigin(url: string): string | undefined {
  const isWeb = /^https?:\/\//i.test(url.trim());
  return isWeb && URL.canParse(url.trim()) ? new URL(url.trim()).origin : undefined;
}

/** Of the servers that are set, each once. */
export function serverOrigins({ completion, chat }: ServerSettings): readonly string[] {
  const origins = [completion, chat].map((server) => serverOrigin(server?.url ?? ''));
  return [...new Set(origins.filter((origin) => origin !== undefined))];
}

/** With the keys of their origins: a key never goes to another host than the one it was set for. */
export function withKeys(
  settings: ServerSettings,
  keyOf: (origin: string) => string | undefined,
): ServerSettings {
  const keyed = (server: ServerEndpoint | undefined): ServerEndpoint | undefined => {
    const origin = serverOrigin(server?.url ?? '');
    const key = origin === undefined ? undefined : keyOf(origin);
    return server === undefined || key === undefined ? server : { ...server, key };
  };
  return { ...settings, completion: keyed(settings.completion), chat: keyed(settings.chat) };
}
