import type { QuestionEntry } from '../../src/extension/chat/shared/chatEntry.ts';
import type { ShownEntry } from '../../src/extension/chat/shared/chatProtocol.ts';
import { element, iconButton } from './dom.ts';
import { versionSwitch } from './versionSwitch.ts';

export interface QuestionActions {
  readonly edit: (id: number, text: string) => void;
  readonly switchVersion: (id: number, step: number) => void;
}

/** One question; it can be edited, which asks it again in a branch of its own. */
export class QuestionView {
  readonly node: HTMLElement;
  readonly #entry: ShownEntry & QuestionEntry;
  readonly #actions: QuestionActions;

  constructor(entry: ShownEntry & QuestionEntry, actions: QuestionActions) {
    this.#entry = entry;
    this.#actions = actions;
    this.node = element('article', { className: 'question' });
    this.#show();
  }

  #show(): void {
    const { id, text, attachments = [] } = this.#entry;
    const label = element('h2', { className: 'hidden', text: 'You' });
    const bubble = element('div', { className: 'bubble' }, element('p', { text }));
    for (const { name } of attachments)
      bubble.append(element('span', { className: 'chip', text: name }));
    const tools = element(
      'div',
      { className: 'tools' },
      ...versionSwitch(this.#entry, (step) => this.#actions.switchVersion(id, step)),
      iconButton('edit', 'Edit question', () => this.#edit()),
    );
    this.node.replaceChildren(label, bubble, tools);
  }

  #edit(): void {
    const { id, text } = this.#entry;
    const input = element('textarea', { attributes: { 'aria-label': 'Edit question', rows: '2' } });
    input.value = text;
    const send = element('button', {
      className: 'primary',
      text: 'Ask',
      attributes: { type: 'submit' },
    });
    const cancel = element('button', {
      className: 'secondary',
      text: 'Cancel',
      attributes: { type: 'button' },
    });
    const form = element(
      'form',
      { className: 'edit' },
      input,
      element('div', { className: 'tools' }, cancel, send),
    );
    const submit = (event: Event): void => {
      event.preventDefault();
      if (input.value.trim() !== '') this.#actions.edit(id, input.value);
    };
    form.addEventListener('submit', submit);
    cancel.addEventListener('click', () => this.#show());
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.#show();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
    });
    this.node.replaceChildren(form);
    input.focus();
  }
}
