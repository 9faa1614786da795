import type { Attachment } from './shared/chatEntry.ts';
import type { ShownAttachment } from './shared/chatProtocol.ts';

/** What goes with the next question. */
export class AttachmentList {
  readonly #onChange: (attachments: readonly ShownAttachment[]) => void;
  #attachments: readonly (Attachment & { readonly id: number })[] = [];
  #lastId = 0;

  /** @param onChange told what is in the list, after every change */
  constructor(onChange: (attachments: readonly ShownAttachment[]) => void) {
    this.#onChange = onChange;
  }

  get all(): readonly Attachment[] {
    return this.#attachments.map(({ id: _, ...attachment }) => attachment);
  }

  add(attachments: readonly Attachment[]): void {
    const added = attachments.map((one) => ({ ...one, id: ++this.#lastId }));
    this.#attachments = [...this.#attachments, ...added];
    this.tell();
  }

  remove(id: number): void {
    this.#attachments = this.#attachments.filter((one) => one.id !== id);
    this.tell();
  }

  clear(): void {
    this.#attachments = [];
    this.tell();
  }

  tell(): void {
    this.#onChange(this.#attachments.map(({ id, name }) => ({ id, name })));
  }
}
