/** Windows of a code-server with the probe in their extension hosts. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startServer, workbenchUrl, type RunningServer } from '../../scripts/codeServer/server.ts';
import { root } from '../../scripts/lib/paths.ts';
import { openPage } from '../../test/ui/harness/workbench.ts';
import { editorSettings, makeWorkspace } from '../../test/ui/harness/workspace.ts';
import type { DriveOptions, DriveResult } from './driveOptions.ts';
import { bundleProbe } from './bundleProbe.ts';
import { profileVariable } from './startup.ts';

export class HostBench {
  readonly #folder: string;
  readonly #server: RunningServer;
  /** The module that VS Code takes for tests. */
  readonly #drive: string;

  private constructor(folder: string, server: RunningServer, drive: string) {
    this.#folder = folder;
    this.#server = server;
    this.#drive = drive;
  }

  static async start(folder: string): Promise<HostBench> {
    const { probe, drive } = await bundleProbe();
    makeWorkspace(join(folder, 'workspace'));
    mkdirSync(join(folder, 'home'), { recursive: true });
    const server = await startServer({
      profile: join(folder, 'profile'),
      smokeTestDriver: true,
      settings: editorSettings,
      env: { HOME: join(folder, 'home') },
      nodeArguments: ['--require', probe],
    });
    return new HostBench(folder, server, drive);
  }

  /** Opens a window, does what the options say, and closes it. */
  async window(options: Omit<DriveOptions, 'result'>): Promise<DriveResult> {
    const result = join(this.#folder, 'result.json');
    rmSync(result, { force: true });
    let finish: (code: number) => void = () => undefined;
    const exit = new Promise<number>((resolve) => (finish = resolve));
    const { authority } = this.#server;
    const url = workbenchUrl(this.#server, {
      folder: join(this.#folder, 'workspace'),
      // The other has no extension in it; without any, VS Code runs no tests.
      developmentPath: options.withWarmfork ? root : join(this.#folder, 'home'),
      payload: [
        ['extensionTestsPath', `vscode-remote://${authority}${this.#drive}`],
        ['extensionEnvironment', JSON.stringify(this.#environment({ ...options, result }))],
        ['skipWelcome', 'true'],
        ['skipReleaseNotes', 'true'],
      ],
    });
    const [browser] = await openPage(url, {
      expose: {
        codeAutomationLog: () => undefined,
        codeAutomationExit: (code: number) => finish(code),
      },
    });
    const code = await exit.finally(() => browser.close());
    if (!existsSync(result)) throw new Error(`the extension host ended early (code ${code})`);
    return JSON.parse(readFileSync(result, 'utf8')) as DriveResult;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  #environment(options: DriveOptions): Record<string, string> {
    return {
      WARMFORK_DRIVE: JSON.stringify(options),
      WARMFORK_STORAGE: join(this.#folder, 'storage'),
      WARMFORK_RUNTIME_DIR: join(this.#folder, 'run'),
      WARMFORK_LINGER_MS: '0',
      ...(options.acts && { [profileVariable]: '1' }),
    };
  }
}
