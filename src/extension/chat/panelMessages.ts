/** What the panel asks for, and who does it. */
import type { AttachmentKind } from './shared/attachmentKind.ts';
import type { ChatController } from './chatController.ts';
import type { FromWebview } from './shared/chatProtocol.ts';

/** What only the editor can do. */
export interface EditorActions {
  readonly copy: (text: string) => void;
  readonly insert: (text: string) => void;
  /** Shows what a block of code would change in the active file, to be accepted or not. */
  readonly apply: (text: string) => void;
  readonly newFile: (text: string, language: string) => void;
  readonly selectModel: () => void;
  readonly exportChat: (id: string) => void;
  readonly confirmDelete: (id: string) => void;
  readonly attach: (what: AttachmentKind) => void;
  readonly drop: (uris: readonly string[]) => void;
}

type Handlers = {
  readonly [Kind in FromWebview['kind']]: (message: Extract<FromWebview, { kind: Kind }>) => void;
};

export function panelMessageHandler(
  chat: ChatController,
  editor: EditorActions,
): (message: FromWebview) => void {
  const handlers = { ...chatHandlers(chat), ...editorHandlers(editor) } satisfies Handlers;
  return (message) => (handlers[message.kind] as (message: FromWebview) => void)(message);
}

function chatHandlers(chat: ChatController) {
  return {
    ready: () => void chat.show(),
    send: ({ text }) => void chat.send(text),
    stop: () => chat.stop(),
    retry: ({ id }) => void chat.retry(id),
    edit: ({ id, text }) => void chat.edit(id, text),
    branch: ({ id }) => chat.branch(id),
    switchVersion: ({ id, step }) => chat.switchVersion(id, step),
    newChat: (message) => chat.newChat(message),
    history: () => void chat.postHistory(),
    open: ({ id }) => void chat.open(id),
    rename: ({ id, title }) => void chat.rename(id, title),
    detach: ({ id }) => chat.detach(id),
  } satisfies Partial<Handlers>;
}

function editorHandlers(editor: EditorActions) {
  return {
    copy: ({ text }) => editor.copy(text),
    insert: ({ text }) => editor.insert(text),
    apply: ({ text }) => editor.apply(text),
    newFile: ({ text, language }) => editor.newFile(text, language),
    selectModel: () => editor.selectModel(),
    delete: ({ id }) => editor.confirmDelete(id),
    export: ({ id }) => editor.exportChat(id),
    attach: ({ what }) => editor.attach(what),
    drop: ({ uris }) => editor.drop(uris),
  } satisfies Partial<Handlers>;
}
