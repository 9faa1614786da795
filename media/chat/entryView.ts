import { formatCount, formatMs } from '../../src/base/format.ts';
import type { AnswerEntry, AnswerStats, ChatEntry } from '../../src/extension/chat/chatProtocol.ts';
import { AnswerBody } from './answerBody.ts';
import { element, iconButton } from './dom.ts';

export interface EntryActions {
  readonly copy: (text: string) => void;
  readonly retry: () => void;
  /** Something on the page has changed its height. */
  readonly onShown: () => void;
}

export function questionNode({ text }: ChatEntry): HTMLElement {
  const label = element('h2', { className: 'hidden', text: 'You' });
  return element('article', { className: 'question' }, label, element('p', { text }));
}

/** One answer: its text, and below it what it cost or why it is not whole. */
export class AnswerView {
  readonly node: HTMLElement;
  readonly #body = new AnswerBody(element('div', { className: 'markdown' }));
  readonly #footer = element('footer');
  readonly #actions: EntryActions;

  constructor(entry: AnswerEntry, actions: EntryActions) {
    this.#actions = actions;
    const label = element('h2', { className: 'hidden', text: 'Warmfork' });
    this.node = element('article', { className: 'answer' }, label, this.#body.node, this.#footer);
    this.update(entry);
  }

  append(text: string): void {
    this.#body.set(this.#body.text + text, this.#actions.onShown);
  }

  update(entry: AnswerEntry): void {
    const isStreaming = entry.state === 'streaming';
    this.node.classList.toggle('streaming', isStreaming);
    // A screen reader waits until the answer is whole instead of reading single words.
    this.node.setAttribute('aria-busy', String(isStreaming));
    this.#body.set(entry.text, this.#actions.onShown);
    this.#footer.replaceChildren(...this.#footerNodes(entry));
  }

  #footerNodes(entry: AnswerEntry): Node[] {
    if (entry.state === 'streaming') return [];
    const nodes: Node[] = [];
    if (entry.note !== undefined) {
      nodes.push(element('p', { className: `note ${entry.state}`, text: entry.note }));
    }
    const row = element('div', { className: 'facts' });
    if (entry.stats) row.append(element('span', { text: statsWords(entry.stats) }));
    if (entry.state !== 'done') row.append(this.#retryButton());
    if (entry.text !== '') row.append(this.#copyButton(entry.text));
    return [...nodes, row];
  }

  #copyButton(text: string): HTMLButtonElement {
    const button = iconButton('copy', 'Copy answer');
    button.addEventListener('click', () => this.#actions.copy(text));
    return button;
  }

  #retryButton(): HTMLButtonElement {
    const button = element('button', { className: 'link-button', text: 'Ask again' });
    button.type = 'button';
    button.addEventListener('click', () => this.#actions.retry());
    return button;
  }
}

function statsWords({ evaluated, reused, firstTokenMs, tokensPerSecond }: AnswerStats): string {
  const parts = [
    `${formatCount(evaluated)} evaluated`,
    `${formatCount(reused)} reused`,
    `first token ${formatMs(firstTokenMs)}`,
  ];
  if (tokensPerSecond > 0) parts.push(`${tokensPerSecond.toFixed(1)} tokens/s`);
  return parts.join(' · ');
}
