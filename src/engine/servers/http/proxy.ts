/** Which proxy, if any, leads to a server. */

export interface ProxyOptions {
  /** Empty: as the environment says. Null: none. */
  readonly proxy: string | null;
  readonly noProxy: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Throws a `TypeError` for a proxy whose address cannot be read. */
export function proxyFor(target: URL, options: ProxyOptions): URL | undefined {
  const { proxy, noProxy, env = process.env } = options;
  if (proxy === null || isDirect(target, [...noProxy, ...listIn(env, 'NO_PROXY')]))
    return undefined;
  const scheme = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const chosen = proxy || valueIn(env, scheme) || valueIn(env, 'ALL_PROXY');
  if (!chosen) return undefined;
  return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(chosen) ? chosen : `http://${chosen}`);
}

function isDirect(target: URL, rules: readonly string[]): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(target)) return true;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return rules.some((rule) => matches(rule.trim().toLowerCase(), host, port));
}

/** `*`, `host`, `.domain`, `*.domain`, each with or without a port. */
function matches(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
  if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** What is on this machine is never asked through another one. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}

function valueIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name.toLowerCase()] ?? env[name];
}

function listIn(env: NodeJS.ProcessEnv, name: string): readonly string[] {
  return (valueIn(env, name) ?? '').split(/[,\s]+/).filter((rule) => rule !== '');
}
