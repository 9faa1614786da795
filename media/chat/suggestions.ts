import {
  attachmentKinds,
  attachmentWords,
  type AttachmentKind,
} from '../../src/extension/chat/shared/attachmentKind.ts';
import {
  slashCommands,
  slashNames,
  type SlashName,
} from '../../src/extension/chat/shared/slashCommands.ts';
import { element } from './dom.ts';

export type Suggestion =
  | { readonly kind: 'slash'; readonly name: SlashName; readonly words: string }
  | { readonly kind: 'attach'; readonly name: AttachmentKind; readonly words: string };

/** What fits what stands before the cursor: `/…` at the beginning, or `@…` anywhere. */
export function suggestionsFor(before: string): readonly Suggestion[] {
  const slash = /^\/(\w*)$/.exec(before)?.[1];
  if (slash !== undefined)
    return slashNames
      .filter((name) => name.startsWith(slash))
      .map((name) => ({ kind: 'slash', name, words: slashCommands[name].words }));
  const at = /(?:^|\s)@(\w*)$/.exec(before)?.[1];
  if (at === undefined) return [];
  return attachmentKinds
    .filter((name) => name.startsWith(at))
    .map((name) => ({ kind: 'attach', name, words: attachmentWords[name] }));
}

/** The list above the composer; the text field keeps the focus and drives it. */
export class SuggestionList {
  readonly node = element('ul', {
    className: 'suggestions',
    attributes: { role: 'listbox', id: 'suggestions', 'aria-label': 'Suggestions' },
  });
  readonly #choose: (suggestion: Suggestion) => void;
  #items: readonly Suggestion[] = [];
  #active = 0;

  constructor(choose: (suggestion: Suggestion) => void) {
    this.#choose = choose;
    this.node.hidden = true;
  }

  get isOpen(): boolean {
    return this.#items.length > 0;
  }

  /** Id of the chosen row, for `aria-activedescendant`. */
  get activeId(): string | undefined {
    return this.isOpen ? `suggestion-${this.#active}` : undefined;
  }

  show(items: readonly Suggestion[]): void {
    this.#items = items;
    this.#active = 0;
    this.#render();
  }

  move(step: number): void {
    this.#active = (this.#active + step + this.#items.length) % this.#items.length;
    this.#render();
  }

  chooseActive(): void {
    const item = this.#items[this.#active];
    if (item) this.#choose(item);
  }

  #render(): void {
    this.node.hidden = !this.isOpen;
    this.node.replaceChildren(...this.#items.map((item, index) => this.#row(item, index)));
  }

  #row({ kind, name, words }: Suggestion, index: number): HTMLElement {
    const attributes = {
      role: 'option',
      id: `suggestion-${index}`,
      'aria-selected': String(index === this.#active),
    };
    const mark = kind === 'slash' ? '/' : '@';
    const row = element(
      'li',
      { attributes },
      element('b', { text: mark + name }),
      element('span', { text: words }),
    );
    // Before the text field loses the focus.
    row.addEventListener('mousedown', (event) => {
      event.preventDefault();
      this.#active = index;
      this.chooseActive();
    });
    return row;
  }
}
