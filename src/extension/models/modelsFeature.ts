import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { ModelsProcess } from '../../client/modelsProcess.ts';
import type { ModelFile } from '../../protocol/models.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { readSettings, writeSetting } from '../configuration.ts';
import { resolveModelPath } from '../engineParams.ts';
import type { Log } from '../log.ts';
import type { WalkthroughProgress } from '../walkthrough/walkthrough.ts';
import { downloadModel } from './downloadModel.ts';
import { formerToOffer } from './formerModel.ts';
import type { GpuGuard } from './gpuGuard.ts';
import type { ModelCommandName } from './modelCommandNames.ts';
import type { InUse, ModelAction } from './modelItems.ts';
import { ModelStatusItem } from './modelStatusItem.ts';
import { pickModel } from './pickModel.ts';

/** Which model is chosen: the one for everything, or one of its own for the chat. */
type Role = 'model' | 'chat';

const workingKey = 'models.working';

export interface ModelsFeatureOptions {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly gpu: GpuGuard;
  readonly walkthrough: WalkthroughProgress;
}

/** Choosing models: the list, downloads, and the way back when one cannot be used. */
export class ModelsFeature implements Disposable {
  readonly #store = new DisposableStore();
  readonly #options: ModelsFeatureOptions;
  readonly #item = this.#store.add(new ModelStatusItem());
  readonly #models: ModelsProcess;
  readonly #told = new Set<string>();

  constructor(options: ModelsFeatureOptions) {
    this.#options = options;
    const { context, log } = options;
    this.#models = this.#store.add(
      new ModelsProcess({
        engineModule: context.asAbsolutePath(join('dist', 'models.mjs')),
        onOutput: (line) => log.debug(`models output: ${line}`),
        onContact: (host, why) => log.info(`download: asked ${host} (${why})`),
      }),
    );
  }

  get commands(): Readonly<Record<ModelCommandName, (argument?: unknown) => Promise<unknown>>> {
    return {
      selectModel: (argument) => this.#select('model', argument),
      selectChatModel: (argument) => this.#select('chat', argument),
      useFormerModel: () => this.#useFormer(),
      openWalkthrough: () => this.#options.walkthrough.open(this.#options.context.extension.id),
      tryGpuAgain: async () => {
        this.#options.gpu.tryAgain();
        await vscode.commands.executeCommand('warmfork.restartEngine');
      },
    };
  }

  statusCame(status: EngineStatus): void {
    this.#item.setStandIn(status.model?.standIn ?? false);
    const chosen = readSettings().modelPath;
    const isChosen = status.model?.path === resolveModelPath(this.#options.context, chosen);
    if (status.state === 'ready' && isChosen) this.#remember(chosen);
    if (status.state === 'failed') void this.#offerFormer(chosen, status.message);
  }

  chatStatusCame(status: EngineStatus): void {
    if (status.state === 'failed') void this.#offerOneModel(readSettings().chat.modelPath, status);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** @param argument a path or a reference, where a command is run with one */
  async #select(role: Role, argument: unknown): Promise<void> {
    const action =
      typeof argument === 'string' ? actionOf(argument) : await pickModel(this.#pickOptions(role));
    if (action) await this.#act(role, action);
  }

  async #act(role: Role, action: ModelAction): Promise<void> {
    switch (action.kind) {
      case 'use':
        return this.#use(role, action.path);
      case 'explain':
        return this.#refuse(role, action.sentence);
      case 'browse':
        return this.#browse(role);
      case 'reference':
        return this.#askReference(role);
      case 'download':
        return this.#download(role, action.reference, action.name);
    }
  }

  /** Nothing is restarted for a file that cannot be a model. */
  async #use(role: Role, path: string): Promise<void> {
    if (path !== '') {
      const check = await this.#models.check(path);
      if (check.kind === 'unusable') return this.#refuse(role, check.sentence);
      if (role === 'model' && !check.file.facts.fim) warnWithoutFim(check.file);
      path = check.file.path;
    }
    this.#told.delete(path);
    this.#told.delete(`chat ${path}`);
    await writeSetting(settingOf(role), path);
  }

  async #refuse(role: Role, sentence: string): Promise<void> {
    const again = vscode.l10n.t('Select Another Model');
    if ((await vscode.window.showErrorMessage(`Warmfork: ${sentence}`, again)) === again) {
      await this.#select(role, undefined);
    }
  }

  async #browse(role: Role): Promise<void> {
    const chosen = await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Select Model File'),
      openLabel: vscode.l10n.t('Use This Model'),
      filters: { 'GGUF models': ['gguf'] },
    });
    if (chosen?.[0]) await this.#use(role, chosen[0].fsPath);
  }

  async #askReference(role: Role): Promise<void> {
    const reference = await vscode.window.showInputBox({
      title: vscode.l10n.t('Download a Model'),
      prompt: vscode.l10n.t(
        'A Hugging Face repository with a quantisation, or the address of a GGUF file. It is loaded when you press Enter.',
      ),
      placeHolder: 'user/repository:Q4_K_M',
      ignoreFocusOut: true,
    });
    if (reference?.trim()) await this.#download(role, reference.trim(), reference.trim());
  }

  async #download(role: Role, reference: string, name: string): Promise<void> {
    const download = { reference, name, folder: this.#folder };
    const result = await downloadModel(this.#models, download, (percent) =>
      this.#item.setDownload(percent),
    );
    if (result.kind === 'done') return this.#use(role, result.file.path);
    if (result.kind === 'cancelled') return;
    const again = vscode.l10n.t('Try Again');
    if ((await vscode.window.showErrorMessage(`Warmfork: ${result.sentence}`, again)) === again) {
      await this.#download(role, reference, name);
    }
  }

  #pickOptions(role: Role): Parameters<typeof pickModel>[0] {
    const { engine } = readSettings();
    return {
      title: role === 'model' ? vscode.l10n.t('Select Model') : vscode.l10n.t('Choose Chat Model'),
      inUse: inUse(role),
      list: () =>
        this.#models.list({
          folder: this.#folder,
          contextTokens: engine.contextTokens,
          kvType: engine.kvType,
          gpu: this.#options.gpu.choose(engine.gpu),
        }),
      discard: ({ fileName }) => this.#models.discard(this.#folder, fileName),
    };
  }

  get #folder(): string {
    return join(this.#options.context.globalStorageUri.fsPath, 'models');
  }

  get #working(): string | undefined {
    return this.#options.context.globalState.get(workingKey);
  }

  #remember(chosen: string): void {
    if (this.#working !== chosen) void this.#options.context.globalState.update(workingKey, chosen);
  }

  async #offerFormer(chosen: string, message: string | undefined): Promise<void> {
    const former = formerToOffer(chosen, { working: this.#working, told: this.#told });
    if (former === undefined) return;
    this.#told.add(chosen);
    const back = vscode.l10n.t('Use the Former Model');
    const other = vscode.l10n.t('Select Model');
    const words = message ?? vscode.l10n.t('The model cannot be used.');
    const choice = await vscode.window.showErrorMessage(`Warmfork: ${words}`, back, other);
    if (choice === back) await this.#useFormer();
    if (choice === other) await this.#select('model', undefined);
  }

  async #offerOneModel(chosen: string, { message }: EngineStatus): Promise<void> {
    const key = `chat ${chosen}`;
    if (chosen === '' || this.#told.has(key)) return;
    this.#told.add(key);
    const one = vscode.l10n.t('Use One Model for Both');
    const words = message ?? vscode.l10n.t('The chat model cannot be used.');
    if ((await vscode.window.showErrorMessage(`Warmfork: ${words}`, one)) === one) {
      await writeSetting('chat.model.path', '');
    }
  }

  async #useFormer(): Promise<void> {
    await writeSetting('model.path', this.#working ?? '');
  }
}

function settingOf(role: Role): 'model.path' | 'chat.model.path' {
  return role === 'model' ? 'model.path' : 'chat.model.path';
}

function inUse(role: Role): InUse {
  const settings = readSettings();
  const home = (path: string): string => path.trim().replace(/^~(?=[/\\])/, homedir());
  return role === 'model'
    ? {
        path: home(settings.modelPath),
        byDefault: vscode.l10n.t('Stand-in model, whose text has no meaning'),
      }
    : { path: home(settings.chat.modelPath), byDefault: vscode.l10n.t('The model that completes') };
}

function actionOf(argument: string): ModelAction {
  const isReference = /^(hf|huggingface|https?):/i.test(argument);
  return isReference
    ? { kind: 'download', reference: argument, name: argument }
    : { kind: 'use', path: argument };
}

function warnWithoutFim({ facts }: ModelFile): void {
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Warmfork: {0} has no fill-in-the-middle tokens: completions only continue what stands before the cursor.',
      facts.name,
    ),
  );
}
