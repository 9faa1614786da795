import { GrowingMarkdown } from './growingMarkdown.ts';

/** The text of one answer. While it grows, only blocks whose HTML changed are replaced: no flicker, selections stay. */
export class AnswerBody {
  readonly node: HTMLElement;
  readonly #shown: string[] = [];
  readonly #markdown = new GrowingMarkdown();
  #text = '';
  #frame: number | undefined;

  constructor(node: HTMLElement) {
    this.node = node;
  }

  get text(): string {
    return this.#text;
  }

  /** Shows the text with the next frame, however often it changes until then. */
  set(text: string, onShown: () => void): void {
    this.#text = text;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#show();
      onShown();
    });
  }

  #show(): void {
    const blocks = this.#markdown.render(this.#text);
    blocks.forEach((html, index) => {
      if (this.#shown[index] === html) return;
      const block = toNode(html);
      const old = this.node.children[index];
      if (old) old.replaceWith(block);
      else this.node.append(block);
    });
    while (this.node.children.length > blocks.length) this.node.lastElementChild?.remove();
    this.#shown.splice(0, this.#shown.length, ...blocks);
  }
}

/** The only place where HTML is parsed: it comes from the renderer, which escapes all text; the page runs no other script. */
function toNode(html: string): HTMLElement {
  const block = document.createElement('div');
  block.className = 'block';
  block.innerHTML = html;
  return block;
}
