import type { ChatStatus } from '../../src/extension/chat/shared/chatProtocol.ts';
import { element } from './dom.ts';

/** Says in words what a person should know about the engine; empty when all is well. */
export class StatusLine {
  readonly node = element('div', { className: 'status' });

  constructor(readonly selectModel: () => void) {}

  show({ words, isReady, isStandIn }: ChatStatus): void {
    const lines: Node[] = [];
    if (!isReady)
      lines.push(element('p', { attributes: { role: 'status' }, text: `Engine: ${words}` }));
    if (isStandIn) lines.push(this.#standIn());
    this.node.replaceChildren(...lines);
  }

  #standIn(): HTMLElement {
    const button = element('button', { className: 'link-button', text: 'Select a model file' });
    button.type = 'button';
    button.addEventListener('click', () => this.selectModel());
    const words = 'Stand-in model: its text has no meaning. ';
    return element('p', { text: words }, button);
  }
}
