import type { AnswerEntry } from '../../src/extension/chat/shared/chatEntry.ts';
import type {
  ShownConversation,
  ShownEntry,
} from '../../src/extension/chat/shared/chatProtocol.ts';
import { AnswerView, type AnswerActions } from './answerView.ts';
import { element } from './dom.ts';
import { QuestionView, type QuestionActions } from './questionView.ts';

/** Distance from the end within which the view follows a growing answer, in CSS pixels. */
const followPx = 48;

export type CodeAction = 'copy' | 'insert' | 'apply' | 'newFile';

export interface TranscriptActions extends Omit<AnswerActions, 'onShown'>, QuestionActions {
  readonly onCode: (action: CodeAction, code: string, language: string) => void;
}

/** The conversation, newest at the bottom. Follows a growing answer unless the reader has scrolled up. */
export class Transcript {
  readonly node = element('main', {
    attributes: { role: 'log', 'aria-live': 'polite', 'aria-label': 'Conversation', tabindex: '0' },
  });
  readonly #actions: TranscriptActions & AnswerActions;
  readonly #answers = new Map<number, AnswerView>();
  #isFollowing = true;

  constructor(actions: TranscriptActions) {
    this.#actions = { ...actions, onShown: () => this.#follow() };
    this.node.addEventListener('scroll', () => {
      const rest = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
      this.#isFollowing = rest < followPx;
    });
    this.node.addEventListener('click', ({ target }) => this.#clicked(target));
  }

  show(conversation: ShownConversation): void {
    this.#answers.clear();
    const nodes = conversation.entries.map((entry) => this.#nodeOf(entry));
    this.node.replaceChildren(...(nodes.length === 0 ? [welcome(conversation)] : nodes));
    this.#isFollowing = true;
    this.#follow();
  }

  update(entry: AnswerEntry): void {
    this.#answers.get(entry.id)?.update(entry);
  }

  append(id: number, text: string): void {
    this.#answers.get(id)?.append(text);
  }

  #nodeOf(entry: ShownEntry): HTMLElement {
    const node = this.#viewOf(entry).node;
    if (entry.isDropped) {
      node.classList.add('dropped');
      node.title = 'The model is no longer told of this.';
    }
    return node;
  }

  #viewOf(entry: ShownEntry): QuestionView | AnswerView {
    if (entry.kind === 'question') return new QuestionView(entry, this.#actions);
    const view = new AnswerView(entry, this.#actions);
    this.#answers.set(entry.id, view);
    return view;
  }

  #follow(): void {
    if (this.#isFollowing) this.node.scrollTop = this.node.scrollHeight;
  }

  /** Code blocks come from the renderer as HTML; their buttons are served here. */
  #clicked(target: EventTarget | null): void {
    if (!(target instanceof HTMLButtonElement) || !target.matches('.code-action')) return;
    const block = target.closest('.code');
    const code = block?.querySelector('code')?.textContent ?? '';
    const language = block?.querySelector('.code-head > span')?.textContent ?? '';
    const action = target.dataset['action'];
    if (isCodeAction(action)) this.#actions.onCode(action, code, language);
    if (action === 'copy') target.textContent = 'Copied';
  }
}

function isCodeAction(name: string | undefined): name is CodeAction {
  return name === 'copy' || name === 'insert' || name === 'apply' || name === 'newFile';
}

function welcome({ isPrivate }: ShownConversation): HTMLElement {
  const words = isPrivate
    ? 'Private chat: nothing of it is written to the disk.'
    : 'The project is already in the model’s memory. Nothing leaves this machine.';
  return element(
    'div',
    { className: 'welcome' },
    element('h1', { text: 'Ask about this project' }),
    element('p', { text: words }),
    element('p', { text: 'Type / for commands, @ to attach.' }),
  );
}
