import type { HistoryItem } from '../../src/extension/chat/shared/chatProtocol.ts';
import { element, iconButton } from './dom.ts';

export interface HistoryActions {
  readonly open: (id: string) => void;
  readonly rename: (id: string, title: string) => void;
  readonly remove: (id: string) => void;
  readonly exportChat: (id: string) => void;
  readonly closed: () => void;
}

/** Earlier conversations: searched, opened, renamed, deleted, exported. */
export class HistoryList {
  readonly node = element('section', {
    className: 'history',
    attributes: { 'aria-label': 'Chat history' },
  });
  readonly #actions: HistoryActions;
  readonly #list = element('ul');
  readonly #search = element('input', {
    attributes: { type: 'search', placeholder: 'Search chats', 'aria-label': 'Search chats' },
  });
  #items: readonly HistoryItem[] = [];

  constructor(actions: HistoryActions) {
    this.#actions = actions;
    this.node.hidden = true;
    const close = iconButton('close', 'Close history', () => this.close());
    this.node.append(element('div', { className: 'row' }, this.#search, close), this.#list);
    this.#search.addEventListener('input', () => this.#show());
    this.node.addEventListener('keydown', (event) => this.#keyDown(event));
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  show(items: readonly HistoryItem[]): void {
    const wasOpen = this.isOpen;
    this.#items = items;
    this.node.hidden = false;
    this.#show();
    if (!wasOpen) this.#search.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.#search.value = '';
    this.#actions.closed();
  }

  #show(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    const found = this.#items.filter(({ title }) => title.toLowerCase().includes(wanted));
    const words = this.#items.length === 0 ? 'There are no chats yet.' : 'No chat has that name.';
    const rows = found.map((item) => this.#row(item));
    this.#list.replaceChildren(...(rows.length === 0 ? [element('li', { text: words })] : rows));
  }

  #row(item: HistoryItem): HTMLElement {
    const { id, title, updatedAt, isCurrent } = item;
    const name = element('span', { className: 'title', text: title });
    const when = element('time', { text: new Date(updatedAt).toLocaleDateString() });
    const open = element(
      'button',
      { className: 'open', attributes: { type: 'button' } },
      name,
      when,
    );
    if (isCurrent) open.setAttribute('aria-current', 'true');
    open.addEventListener('click', () => {
      this.#actions.open(id);
      this.close();
    });
    const row = element('li', {}, open);
    row.append(
      iconButton('edit', `Rename ${title}`, () => this.#rename(row, item)),
      iconButton('export', `Export ${title}`, () => this.#actions.exportChat(id)),
      iconButton('trash', `Delete ${title}`, () => this.#actions.remove(id)),
    );
    return row;
  }

  #rename(row: HTMLElement, { id, title }: HistoryItem): void {
    const input = element('input', { attributes: { type: 'text', 'aria-label': 'New name' } });
    input.value = title;
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#actions.rename(id, input.value);
      else if (event.key === 'Escape') this.#show();
      else return;
      event.stopPropagation();
    });
    row.replaceChildren(input);
    input.focus();
    input.select();
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.close();
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const rows = Array.from(this.#list.querySelectorAll<HTMLButtonElement>('button.open'));
    const at = rows.findIndex((row) => row === document.activeElement);
    const next = event.key === 'ArrowDown' ? rows[at + 1] : rows[at - 1];
    (next ?? (event.key === 'ArrowUp' ? this.#search : undefined))?.focus();
    event.preventDefault();
  }
}
