import { formatCount, formatMs } from '../../src/base/format.ts';
import type { AnswerEntry, AnswerStats } from '../../src/extension/chat/shared/chatEntry.ts';
import type { ShownEntry } from '../../src/extension/chat/shared/chatProtocol.ts';
import { splitThinking } from '../../src/extension/chat/shared/thinking.ts';
import { AnswerBody } from './answerBody.ts';
import { element, iconButton } from './dom.ts';
import { versionSwitch } from './versionSwitch.ts';

export interface AnswerActions {
  readonly copy: (text: string) => void;
  readonly retry: (id: number) => void;
  readonly branch: (id: number) => void;
  readonly switchVersion: (id: number, step: number) => void;
  /** Something on the page has changed its height. */
  readonly onShown: () => void;
}

type Shown = ShownEntry & AnswerEntry;

/** One answer: what was thought (folded), its text, and below it what it cost or why it is not whole. */
export class AnswerView {
  readonly node: HTMLElement;
  readonly #summary = element('summary', { text: 'Thinking' });
  readonly #thought = element('div', { className: 'thought' });
  readonly #thinking = element('details', { className: 'thinking' }, this.#summary, this.#thought);
  readonly #body = new AnswerBody(element('div', { className: 'markdown' }));
  readonly #footer = element('footer');
  readonly #actions: AnswerActions;
  #entry: Shown;

  constructor(entry: Shown, actions: AnswerActions) {
    this.#actions = actions;
    this.#entry = entry;
    const label = element('h2', { className: 'hidden', text: 'Warmfork' });
    this.node = element('article', { className: 'answer' });
    this.node.append(label, this.#thinking, this.#body.node, this.#footer);
    this.update(entry);
  }

  append(text: string): void {
    this.#entry = { ...this.#entry, text: this.#entry.text + text };
    this.#showText();
  }

  update(entry: Shown): void {
    const { version } = this.#entry;
    this.#entry = { ...entry, version: entry.version ?? version };
    const isStreaming = entry.state === 'streaming';
    this.node.classList.toggle('streaming', isStreaming);
    // A screen reader waits until the answer is whole instead of reading single words.
    this.node.setAttribute('aria-busy', String(isStreaming));
    this.#showText();
    this.#footer.replaceChildren(...this.#footerNodes());
  }

  #showText(): void {
    const { text, thinking, state } = this.#entry;
    const { thought, text: said, isThinking } = splitThinking(text, thinking);
    this.#thinking.hidden = thought === '';
    this.#thought.textContent = thought;
    this.#summary.textContent = isThinking && state === 'streaming' ? 'Thinking…' : 'Thought';
    this.#body.set(said, this.#actions.onShown);
  }

  #footerNodes(): Node[] {
    const { state, note } = this.#entry;
    if (state === 'streaming') return [];
    const words =
      note === undefined ? [] : [element('p', { className: `note ${state}`, text: note })];
    return [...words, element('div', { className: 'facts' }, ...this.#facts(), this.#tools())];
  }

  #facts(): Node[] {
    const { stats, state, id } = this.#entry;
    const facts: Node[] = stats ? [element('span', { text: statsWords(stats) })] : [];
    if (state === 'done') return facts;
    const again = element('button', { className: 'link-button', text: 'Ask again' });
    again.type = 'button';
    again.addEventListener('click', () => this.#actions.retry(id));
    return [...facts, again];
  }

  #tools(): Node {
    const { id, text, state, thinking } = this.#entry;
    const tools = element(
      'span',
      { className: 'tools' },
      ...versionSwitch(this.#entry, (step) => this.#actions.switchVersion(id, step)),
    );
    if (state === 'done')
      tools.append(iconButton('retry', 'Ask again', () => this.#actions.retry(id)));
    if (text === '') return tools;
    tools.append(
      iconButton('branch', 'Branch from here', () => this.#actions.branch(id)),
      iconButton('copy', 'Copy answer', () =>
        this.#actions.copy(splitThinking(text, thinking).text),
      ),
    );
    return tools;
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
