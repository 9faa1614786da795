import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { ServerEndpoint, ServerSettings } from '../../protocol/servers.ts';
import type { ServerCommandName } from './serverCommandNames.ts';
import { serverOrigins, withKeys } from './serverOrigin.ts';

export interface ServersOptions {
  readonly secrets: vscode.SecretStorage;
  /** As they are set now. */
  readonly settings: () => ServerSettings;
  /** A key was set or cleared, in this window or in another. */
  readonly onKeysChange: () => void;
}

/** Keys of servers: kept by VS Code in the system's key store, told to the engine and to nobody else. */
export class ServersFeature implements Disposable {
  readonly #options: ServersOptions;
  readonly #store = new DisposableStore();
  #keys: ReadonlyMap<string, string> = new Map();

  constructor(options: ServersOptions) {
    this.#options = options;
    this.#store.add(
      options.secrets.onDidChange(({ key }) => {
        if (key.startsWith(secretName(''))) void this.load().then(options.onKeysChange);
      }),
    );
  }

  get commands(): Readonly<Record<ServerCommandName, () => Promise<unknown>>> {
    return { setServerKey: () => this.#set(), clearServerKey: () => this.#clear() };
  }

  /** Undefined while no server is set: then nothing is asked of any. */
  forEngine(): ServerSettings | undefined {
    const settings = withoutUnset(this.#options.settings());
    if (settings.completion === undefined && settings.chat === undefined) return undefined;
    return withKeys({ ...settings, ...proxySettings() }, (origin) => this.#keys.get(origin));
  }

  /** Reads the keys of the servers that are set. */
  async load(): Promise<void> {
    const origins = serverOrigins(this.#options.settings());
    const keys = await Promise.all(
      origins.map(async (origin) => {
        const key = await this.#options.secrets.get(secretName(origin));
        return [origin, key] as const;
      }),
    );
    this.#keys = new Map(keys.flatMap(([origin, key]) => (key ? [[origin, key] as const] : [])));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #set(): Promise<void> {
    const origin = await this.#chooseOrigin();
    if (origin === undefined) return;
    const key = await vscode.window.showInputBox({
      title: vscode.l10n.t('Key for {0}', origin),
      prompt: vscode.l10n.t(
        'It is kept in the key store of this system and sent to {0} only.',
        origin,
      ),
      password: true,
      ignoreFocusOut: true,
    });
    if (key?.trim()) await this.#options.secrets.store(secretName(origin), key.trim());
  }

  async #clear(): Promise<void> {
    const origin = await this.#chooseOrigin();
    if (origin === undefined) return;
    await this.#options.secrets.delete(secretName(origin));
    const words = vscode.l10n.t('There is no key for {0} any more.', origin);
    void vscode.window.showInformationMessage(`Warmfork: ${words}`);
  }

  async #chooseOrigin(): Promise<string | undefined> {
    const origins = serverOrigins(this.#options.settings());
    if (origins.length > 1) return vscode.window.showQuickPick([...origins]);
    if (origins[0] !== undefined) return origins[0];
    const open = vscode.l10n.t('Open Settings');
    const words = vscode.l10n.t('Set the address of a server first; the key belongs to it.');
    if ((await vscode.window.showInformationMessage(`Warmfork: ${words}`, open)) === open)
      await vscode.commands.executeCommand('workbench.action.openSettings', 'warmfork.server');
    return undefined;
  }
}

function withoutUnset(settings: ServerSettings): ServerSettings {
  const set = (server: ServerEndpoint | undefined) => (server?.url ? server : undefined);
  return { ...settings, completion: set(settings.completion), chat: set(settings.chat) };
}

function secretName(origin: string): string {
  return `warmfork.serverKey:${origin}`;
}

/** VS Code's own. */
function proxySettings(): Pick<ServerSettings, 'proxy' | 'noProxy'> {
  const http = vscode.workspace.getConfiguration('http');
  const isOff = http.get('proxySupport') === 'off';
  return {
    proxy: isOff ? null : (http.get<string>('proxy') ?? ''),
    noProxy: http.get<string[]>('noProxy') ?? [],
  };
}
