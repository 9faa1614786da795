import { describe, expect, it } from 'vitest';
import { serverOrigin, serverOrigins, withKeys } from '../../src/extension/servers/serverOrigin.ts';
import { parseSettings } from '../../src/extension/settings.ts';

function servers(completion: string, chat: string) {
  const values: Record<string, unknown> = {
    'server.completion.url': completion,
    'server.chat.url': chat,
  };
  return parseSettings((key) => values[key]).servers;
}

describe('a server key', () => {
  it.each([
    ['https://a.example/v1/', 'https://a.example'],
    [' http://127.0.0.1:8080 ', 'http://127.0.0.1:8080'],
    ['https://a.example:8443/llm/v1', 'https://a.example:8443'],
    ['a.example', undefined],
    ['file:///etc/passwd', undefined],
    ['', undefined],
  ])('for %j belongs to %j', (url, origin) => {
    expect(serverOrigin(url)).toBe(origin);
  });

  it('goes to the origin it was set for, and to no other', () => {
    const settings = servers('https://a.example/v1', 'https://b.example');
    expect(serverOrigins(settings)).toEqual(['https://a.example', 'https://b.example']);
    const keyed = withKeys(settings, (origin) =>
      origin === 'https://b.example' ? 'k' : undefined,
    );
    expect(keyed.completion?.key).toBeUndefined();
    expect(keyed.chat?.key).toBe('k');
    expect(serverOrigins(servers('http://a:1', 'http://a:1/v1'))).toEqual(['http://a:1']);
  });
});
