import type {
  AnswerEntry,
  ChatEntry,
  Conversation,
} from '../../src/extension/chat/chatProtocol.ts';
import { element } from './dom.ts';
import { AnswerView, questionNode, type EntryActions } from './entryView.ts';

/** Distance from the end within which the view follows a growing answer, in CSS pixels. */
const followPx = 48;

/** The conversation, newest at the bottom. Follows a growing answer unless the reader has scrolled up. */
export class Transcript {
  readonly node = element('main', {
    attributes: { role: 'log', 'aria-live': 'polite', 'aria-label': 'Conversation', tabindex: '0' },
  });
  readonly #actions: EntryActions;
  readonly #answers = new Map<number, AnswerView>();
  #isFollowing = true;

  constructor(actions: Omit<EntryActions, 'onShown'>) {
    this.#actions = { ...actions, onShown: () => this.#follow() };
    this.node.addEventListener('scroll', () => {
      const rest = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
      this.#isFollowing = rest < followPx;
    });
    this.node.addEventListener('click', ({ target }) => this.#clicked(target));
  }

  show({ entries }: Conversation): void {
    this.#answers.clear();
    this.node.replaceChildren(...entries.map((entry) => this.#nodeOf(entry)));
    if (entries.length === 0) this.node.append(welcome());
    this.#isFollowing = true;
    this.#follow();
  }

  update(entry: AnswerEntry): void {
    this.#answers.get(entry.id)?.update(entry);
  }

  append(id: number, text: string): void {
    this.#answers.get(id)?.append(text);
  }

  #nodeOf(entry: ChatEntry): HTMLElement {
    if (entry.kind === 'question') return questionNode(entry);
    const view = new AnswerView(entry, this.#actions);
    this.#answers.set(entry.id, view);
    return view.node;
  }

  #follow(): void {
    if (this.#isFollowing) this.node.scrollTop = this.node.scrollHeight;
  }

  /** Code blocks come from the renderer as HTML; their buttons are served here. */
  #clicked(target: EventTarget | null): void {
    if (!(target instanceof HTMLButtonElement) || !target.matches('.copy-code')) return;
    const code = target.closest('.code')?.querySelector('code');
    this.#actions.copy(code?.textContent ?? '');
    target.textContent = 'Copied';
  }
}

function welcome(): HTMLElement {
  return element(
    'div',
    { className: 'welcome' },
    element('h1', { text: 'Ask about this project' }),
    element('p', {
      text: 'The project is already in the model’s memory. Nothing leaves this machine.',
    }),
  );
}
