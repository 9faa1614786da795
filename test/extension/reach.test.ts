import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';

interface Manifest {
  readonly extensionKind: readonly string[];
  readonly main: string;
  readonly browser?: string;
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: string;
      readonly restrictedConfigurations: readonly string[];
    };
    readonly virtualWorkspaces: { readonly supported: string };
  };
  readonly contributes: {
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly scope?: string }>>;
    }[];
  };
}

const manifest = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Manifest;
const scopes = Object.entries(
  Object.assign({}, ...manifest.contributes.configuration.map((one) => one.properties)) as Record<
    string,
    { scope?: string }
  >,
).map(([key, { scope = 'window' }]) => ({ key, scope }));

describe('where the extension runs', () => {
  it('is where the files are, and nowhere without native code', () => {
    expect(manifest.extensionKind).toEqual(['workspace']);
    // Without a module for browsers VS Code does not offer the extension where there are only browsers.
    expect(manifest.browser).toBeUndefined();
  });

  it('is restricted, not off, in folders that are not trusted or not on this machine', () => {
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe('limited');
  });
});

describe('what a folder that is not trusted may not set', () => {
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;

  it('is everything about the machine that a folder could set otherwise, and what is in the context', () => {
    const wanted = scopes.filter(
      ({ key, scope }) => scope === 'machine-overridable' || key.startsWith('warmfork.context.'),
    );
    expect([...restricted].sort()).toEqual(wanted.map(({ key }) => key).sort());
  });
});

describe('where text is sent', () => {
  it('no folder decides, trusted or not', () => {
    const ofServers = scopes.filter(({ key }) => key.startsWith('warmfork.server.'));
    expect(ofServers.length).toBeGreaterThan(10);
    for (const { key, scope } of ofServers) expect(scope, key).toBe('machine');
  });
});

describe("what leaves this machine by VS Code's settings sync", () => {
  it('is no path, no size and no speed of this machine', () => {
    const synced = scopes.filter(({ scope }) => !scope.startsWith('machine'));
    expect(synced.map(({ key }) => key.split('.')[1]).sort()).toEqual(
      synced.map(() => expect.stringMatching(/^(chat|context|inline)$/) as string),
    );
    expect(synced.filter(({ key }) => /path|cache|storage|memory/i.test(key))).toEqual([]);
  });

  it('is nothing that the extension keeps', () => {
    const files = execFileSync('git', ['ls-files', 'src'], { cwd: inRoot(), encoding: 'utf8' });
    const sources = files.split('\n').filter((file) => file.endsWith('.ts'));
    const naming = sources.filter((file) =>
      readFileSync(inRoot(file), 'utf8').includes('setKeysForSync'),
    );
    expect(naming).toEqual([]);
  });
});
