/** The messages between the extension and the chat panel. Shared by both sides: neither vscode nor DOM here. */
import type { AnswerEntry, ChatEntry } from './chatEntry.ts';
import type { AttachmentKind } from './attachmentKind.ts';
import type { SlashName } from './slashCommands.ts';

/** What the panel shows of a conversation: the branch that is chosen. */
export interface ShownConversation {
  readonly id: string;
  readonly title: string;
  readonly isPrivate: boolean;
  readonly entries: readonly ShownEntry[];
}

export type ShownEntry = ChatEntry & {
  /** Where there is more than one version of this entry: which one shows, from 0. */
  readonly version?: { readonly index: number; readonly count: number } | undefined;
  /** The model is no longer told of it. */
  readonly isDropped?: boolean | undefined;
};

export interface ShownAttachment {
  readonly id: number;
  readonly name: string;
}

/** Tokens of the context, by what they are spent on. */
export interface ShownContext {
  readonly window: number;
  readonly base: number;
  readonly history: number;
  readonly attachments: number;
  readonly room: number;
}

export interface HistoryItem {
  readonly id: string;
  readonly title: string;
  /** ms since 1970. */
  readonly updatedAt: number;
  readonly isCurrent: boolean;
}

export interface ChatStatus {
  readonly words: string;
  readonly isReady: boolean;
  readonly isStandIn: boolean;
}

export type FromWebview =
  | { readonly kind: 'ready' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'stop' }
  /** `id` is that of an answer, of a question where it says so. */
  | { readonly kind: 'retry'; readonly id: number }
  | { readonly kind: 'edit'; readonly id: number; readonly text: string }
  | { readonly kind: 'branch'; readonly id: number }
  | { readonly kind: 'switchVersion'; readonly id: number; readonly step: number }
  | { readonly kind: 'newChat'; readonly isPrivate: boolean }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'apply'; readonly text: string }
  | { readonly kind: 'newFile'; readonly text: string; readonly language: string }
  | { readonly kind: 'selectModel' }
  | { readonly kind: 'history' }
  | { readonly kind: 'open'; readonly id: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'export'; readonly id: string }
  | { readonly kind: 'rename'; readonly id: string; readonly title: string }
  | { readonly kind: 'attach'; readonly what: AttachmentKind }
  | { readonly kind: 'drop'; readonly uris: readonly string[] }
  | { readonly kind: 'detach'; readonly id: number };

export type ToWebview =
  | { readonly kind: 'conversation'; readonly conversation: ShownConversation }
  /** The answer with this id is over. */
  | { readonly kind: 'entry'; readonly entry: AnswerEntry }
  | { readonly kind: 'delta'; readonly id: number; readonly text: string }
  | { readonly kind: 'context'; readonly context: ShownContext | undefined }
  | { readonly kind: 'attachments'; readonly attachments: readonly ShownAttachment[] }
  | { readonly kind: 'history'; readonly items: readonly HistoryItem[] }
  | { readonly kind: 'status'; readonly status: ChatStatus }
  /** Puts the cursor into the composer, with this slash command if there is one. */
  | { readonly kind: 'compose'; readonly slash?: SlashName | undefined };
