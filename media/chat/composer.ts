import { element, icon } from './dom.ts';

export interface ComposerActions {
  readonly send: (text: string) => void;
  readonly stop: () => void;
  readonly draftChanged: (text: string) => void;
}

/** Where a person writes. Enter sends, Shift+Enter breaks the line, Escape stops the answer. */
export class Composer {
  readonly node: HTMLFormElement;
  readonly #actions: ComposerActions;
  readonly #input = element('textarea', {
    attributes: { rows: '1', 'aria-label': 'Message', placeholder: 'Ask about this project' },
  });
  readonly #button = element('button', { className: 'send' });
  #isAnswering = false;

  constructor(actions: ComposerActions, draft: string) {
    this.#actions = actions;
    this.#input.value = draft;
    this.node = element('form', { className: 'composer' }, this.#input, this.#button);
    this.node.addEventListener('submit', (event) => this.#submitted(event));
    this.node.addEventListener('click', () => this.focus());
    this.#input.addEventListener('input', () => this.#changed());
    this.#input.addEventListener('keydown', (event) => this.#keyDown(event));
    this.setAnswering(false);
  }

  focus(): void {
    this.#input.focus();
  }

  setAnswering(isAnswering: boolean): void {
    this.#isAnswering = isAnswering;
    const label = isAnswering ? 'Stop (Escape)' : 'Send (Enter)';
    this.#button.replaceChildren(icon(isAnswering ? 'stop' : 'send'));
    this.#button.title = label;
    this.#button.setAttribute('aria-label', label);
    this.#enable();
  }

  #submitted(event: Event): void {
    event.preventDefault();
    if (this.#isAnswering) this.#actions.stop();
    else this.#send();
  }

  #keyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.#isAnswering) this.#send();
  }

  #send(): void {
    const text = this.#input.value.trim();
    if (text === '') return;
    this.#input.value = '';
    this.#changed();
    this.#actions.send(text);
  }

  #changed(): void {
    this.#actions.draftChanged(this.#input.value);
    this.#enable();
  }

  #enable(): void {
    this.#button.disabled = !this.#isAnswering && this.#input.value.trim() === '';
  }
}
