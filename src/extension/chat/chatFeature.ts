import { join } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { commandId } from '../commandIds.ts';
import { readSettings } from '../configuration.ts';
import { viewIds } from '../viewIds.ts';
import { editSelection } from '../edit/inlineEdit.ts';
import { EditReviews } from '../edit/editReviews.ts';
import { describeStatus } from '../status/statusText.ts';
import {
  attachmentsFor,
  chooseAttachment,
  fileAttachment,
  selectionAttachment,
} from './attachments.ts';
import type { AttachmentKind } from './shared/attachmentKind.ts';
import { ChatController } from './chatController.ts';
import { ChatCodeActions } from './chatCodeActions.ts';
import type { ChatCommandName } from './chatCommandNames.ts';
import { FileChatStore } from './chatStore.ts';
import { ChatView } from './chatView.ts';
import * as editor from './editorActions.ts';
import { exportMarkdown } from './exportMarkdown.ts';
import { panelMessageHandler, type EditorActions } from './panelMessages.ts';
import type { SlashName } from './shared/slashCommands.ts';
import { TerminalOutput } from './terminalOutput.ts';

type Handler = (...args: unknown[]) => Promise<unknown>;

/** The chat panel, inline edit, and the commands of both. */
export class ChatFeature implements Disposable {
  readonly chat: ChatController;
  readonly reviews: EditReviews;
  readonly #store = new DisposableStore();
  readonly #conversations: FileChatStore;
  readonly #engine: EngineClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #terminal = this.#store.add(new TerminalOutput());

  constructor(
    context: vscode.ExtensionContext,
    engine: EngineClient,
    log: vscode.LogOutputChannel,
  ) {
    this.#engine = engine;
    this.#log = log;
    this.reviews = this.#store.add(new EditReviews());
    const { extensionUri } = context;
    const storage = context.storageUri ?? context.globalStorageUri;
    this.#conversations = new FileChatStore(
      join(storage.fsPath, 'chats'),
      () => readSettings().engine.persist !== 'none',
    );
    const view = new ChatView(extensionUri, (message) => handle(message));
    this.chat = new ChatController({
      engine,
      store: this.#conversations,
      post: (message) => view.post(message),
      attachmentsFor,
      now: () => Date.now(),
      maxAnswerTokens: () => readSettings().chat.maxAnswerTokens,
    });
    const handle = panelMessageHandler(this.chat, this.#editorActions());
    this.#store.add(vscode.window.registerWebviewViewProvider(viewIds.chat, view));
    this.#store.add(new ChatCodeActions());
  }

  get commands(): Readonly<Record<ChatCommandName, Handler>> {
    return {
      openChat: () => focusChat(),
      newChat: () => this.#newChat(false),
      newPrivateChat: () => this.#newChat(true),
      showChatHistory: async () => {
        await focusChat();
        await this.chat.postHistory();
      },
      exportChat: () => editor.openMarkdown(exportMarkdown(this.chat.conversation)),
      explain: () => this.#ask('explain'),
      fix: () => this.#ask('fix'),
      writeTests: () => this.#ask('tests'),
      document: () => this.#ask('doc'),
      writeCommitMessage: () => this.#ask('commit'),
      attachSelection: () => this.#attach(selectionAttachment()),
      attachFile: async (uri) =>
        this.#attach(uri instanceof vscode.Uri ? await fileAttachment(uri) : undefined),
      editSelection: (instruction) =>
        editSelection(
          this.#engine,
          this.reviews,
          typeof instruction === 'string' ? instruction : undefined,
        ),
      acceptEdit: (uri, segment) => this.reviews.decide('accept', uri, segment),
      rejectEdit: (uri, segment) => this.reviews.decide('reject', uri, segment),
    };
  }

  /** Titles of all conversations, by the ids of their sessions. */
  async titles(): Promise<ReadonlyMap<string, string>> {
    const all = [...(await this.#conversations.list()), this.chat.conversation];
    const pairs = all.flatMap(({ branches, title }) =>
      branches.map(({ chatId }) => [chatId, title] as const),
    );
    return new Map(pairs);
  }

  /** What the conversations take on disk. */
  files(): ReturnType<FileChatStore['usage']> {
    return this.#conversations.usage();
  }

  setStatus(status: EngineStatus): void {
    this.chat.setStatus({
      words: status.message ?? describeStatus(status).words,
      // A base that is being built keeps nobody from asking.
      isReady:
        status.state === 'ready' || (status.state === 'warming' && status.base !== undefined),
      isStandIn: (status.model?.standIn ?? false) && status.server?.chat?.state !== 'up',
    });
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #newChat(isPrivate: boolean): Promise<void> {
    this.chat.newChat({ isPrivate });
    await focusChat();
  }

  /** Not awaited to its end: the panel shows how the answer grows. */
  async #ask(slash: SlashName): Promise<void> {
    await focusChat();
    void this.chat.send(`/${slash}`);
  }

  async #attach(attachment: ReturnType<typeof selectionAttachment>): Promise<void> {
    if (attachment) this.chat.attach([attachment]);
    else {
      const words = vscode.l10n.t('There is nothing to attach.');
      void vscode.window.showInformationMessage(`Warmfork: ${words}`);
    }
    await focusChat();
  }

  #editorActions(): EditorActions {
    return {
      copy: (text) => void vscode.env.clipboard.writeText(text),
      insert: (text) => this.#try(editor.insertAtCursor(text)),
      apply: (text) => this.#try(editor.applyToFile(this.reviews, text)),
      newFile: (text, language) => this.#try(editor.openNewFile(text, language)),
      selectModel: () => void vscode.commands.executeCommand(commandId('selectModel')),
      exportChat: (id) => this.#try(this.#export(id)),
      confirmDelete: (id) => this.#try(this.#delete(id)),
      attach: (what) => this.#try(this.#choose(what)),
      drop: (uris) => this.#try(this.#drop(uris)),
    };
  }

  async #export(id: string): Promise<void> {
    const kept = id === this.chat.conversation.id ? this.chat.conversation : undefined;
    const conversation = kept ?? (await this.#conversations.load(id));
    if (conversation) await editor.openMarkdown(exportMarkdown(conversation));
  }

  async #delete(id: string): Promise<void> {
    const kept = await this.#conversations.load(id);
    const { title } = kept ?? this.chat.conversation;
    if (await editor.confirmDelete(title)) await this.chat.delete(id);
  }

  async #choose(what: AttachmentKind): Promise<void> {
    const attachment = await chooseAttachment(what, this.#terminal);
    if (attachment) this.chat.attach([attachment]);
    await focusChat();
  }

  async #drop(uris: readonly string[]): Promise<void> {
    const all = await Promise.all(uris.map((uri) => fileAttachment(vscode.Uri.parse(uri))));
    this.chat.attach(all.filter((one) => one !== undefined));
  }

  /** What a person did in the panel and what failed is said once. */
  #try(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error(message);
      void vscode.window.showErrorMessage(`Warmfork: ${message}`);
    });
  }
}

async function focusChat(): Promise<void> {
  await vscode.commands.executeCommand(`${viewIds.chat}.focus`);
}
