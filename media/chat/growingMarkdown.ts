import { blocksOf } from './markdown.ts';

/** So many blocks at the end may still change while a text grows. */
const unsettled = 2;

/** Renders a text that grows without rendering again what is settled. Neither DOM nor host here. */
export class GrowingMarkdown {
  #settled: string[] = [];
  /** The text that the settled blocks were made of. */
  #prefix = '';

  /** HTML of every block. */
  render(text: string): string[] {
    if (!text.startsWith(this.#prefix)) this.reset();
    const rest = text.slice(this.#prefix.length);
    const blocks = blocksOf(rest);
    const html = [...this.#settled, ...blocks.map((block) => block.html)];
    const next = blocks[blocks.length - unsettled];
    if (next !== undefined && next.line > 0) {
      this.#settled = html.slice(0, html.length - unsettled);
      this.#prefix += rest.split('\n', next.line).join('\n') + '\n';
    }
    return html;
  }

  reset(): void {
    this.#settled = [];
    this.#prefix = '';
  }
}
