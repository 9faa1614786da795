import type { AttachmentKind } from '../../src/extension/chat/shared/attachmentKind.ts';
import type { ShownAttachment } from '../../src/extension/chat/shared/chatProtocol.ts';
import type { SlashName } from '../../src/extension/chat/shared/slashCommands.ts';
import { element, icon, iconButton } from './dom.ts';
import { SuggestionList, suggestionsFor, type Suggestion } from './suggestions.ts';

export interface ComposerActions {
  readonly send: (text: string) => void;
  readonly stop: () => void;
  readonly attach: (what: AttachmentKind) => void;
  readonly detach: (id: number) => void;
  readonly draftChanged: (text: string) => void;
}

/** Where a person writes. Enter sends, Shift+Enter breaks the line, Escape stops the answer; `/` and `@` open a list. */
export class Composer {
  readonly node: HTMLFormElement;
  readonly #actions: ComposerActions;
  readonly #input = element('textarea', {
    attributes: {
      rows: '1',
      'aria-label': 'Message',
      placeholder: 'Ask about this project',
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-controls': 'suggestions',
      'aria-expanded': 'false',
    },
  });
  readonly #button = element('button', { className: 'send' });
  readonly #chips = element('div', { className: 'chips' });
  readonly #suggestions = new SuggestionList((suggestion) => this.#chosen(suggestion));
  #isAnswering = false;

  constructor(actions: ComposerActions, draft: string) {
    this.#actions = actions;
    this.#input.value = draft;
    const attach = iconButton('attach', 'Attach (@)', () => this.#type('@'));
    const row = element('div', { className: 'row' }, attach, this.#input, this.#button);
    this.node = element(
      'form',
      { className: 'composer' },
      this.#suggestions.node,
      this.#chips,
      row,
    );
    this.node.addEventListener('submit', (event) => this.#submitted(event));
    row.addEventListener('click', ({ target }) => {
      if (target === row) this.focus();
    });
    this.#input.addEventListener('input', () => this.#changed());
    this.#input.addEventListener('keydown', (event) => this.#keyDown(event));
    this.#input.addEventListener('blur', () => this.#suggest([]));
    this.setAnswering(false);
  }

  focus(slash?: SlashName): void {
    if (slash !== undefined) this.#input.value = `/${slash} `;
    this.#input.focus();
    if (slash !== undefined) this.#changed();
  }

  setAnswering(isAnswering: boolean): void {
    this.#isAnswering = isAnswering;
    const label = isAnswering ? 'Stop (Escape)' : 'Send (Enter)';
    this.#button.replaceChildren(icon(isAnswering ? 'stop' : 'send'));
    this.#button.title = label;
    this.#button.setAttribute('aria-label', label);
    this.#enable();
  }

  showAttachments(attachments: readonly ShownAttachment[]): void {
    this.#chips.replaceChildren(
      ...attachments.map(({ id, name }) => {
        const remove = iconButton('close', `Remove ${name}`, () => this.#actions.detach(id));
        return element('span', { className: 'chip' }, element('span', { text: name }), remove);
      }),
    );
  }

  #submitted(event: Event): void {
    event.preventDefault();
    if (this.#isAnswering) this.#actions.stop();
    else this.#send();
  }

  #keyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.isComposing || (this.#suggestions.isOpen && this.#drove(event))) return;
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    if (!this.#isAnswering) this.#send();
  }

  /** True for a key that the list of suggestions takes. */
  #drove(event: KeyboardEvent): boolean {
    if (event.key === 'ArrowDown') this.#suggestions.move(1);
    else if (event.key === 'ArrowUp') this.#suggestions.move(-1);
    else if (event.key === 'Enter' || event.key === 'Tab') this.#suggestions.chooseActive();
    else if (event.key === 'Escape') this.#suggest([]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#describe();
    return true;
  }

  #chosen({ kind, name }: Suggestion): void {
    const { value, selectionStart } = this.#input;
    const before = value
      .slice(0, selectionStart)
      .replace(/[/@]\w*$/, kind === 'slash' ? `/${name} ` : '');
    this.#input.value = before + value.slice(selectionStart);
    this.#input.setSelectionRange(before.length, before.length);
    this.#changed();
    if (kind === 'attach') this.#actions.attach(name);
  }

  #type(text: string): void {
    const { value } = this.#input;
    this.#input.value = value === '' || /\s$/.test(value) ? value + text : `${value} ${text}`;
    this.#input.focus();
    this.#input.setSelectionRange(this.#input.value.length, this.#input.value.length);
    this.#changed();
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
    const before = this.#input.value.slice(0, this.#input.selectionStart);
    this.#suggest(suggestionsFor(before));
    this.#enable();
  }

  #suggest(items: readonly Suggestion[]): void {
    this.#suggestions.show(items);
    this.#describe();
  }

  #describe(): void {
    const { isOpen, activeId } = this.#suggestions;
    this.#input.setAttribute('aria-expanded', String(isOpen));
    if (activeId === undefined) this.#input.removeAttribute('aria-activedescendant');
    else this.#input.setAttribute('aria-activedescendant', activeId);
  }

  #enable(): void {
    this.#button.disabled = !this.#isAnswering && this.#input.value.trim() === '';
  }
}
