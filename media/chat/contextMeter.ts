import { formatCount } from '../../src/base/format.ts';
import type { ShownContext } from '../../src/extension/chat/shared/chatProtocol.ts';
import { element } from './dom.ts';

/** How full the context is, and of what. Nothing before the first turn. */
export class ContextMeter {
  readonly node = element('div', { className: 'meter', attributes: { role: 'img' } });

  show(context: ShownContext | undefined): void {
    this.node.hidden = context === undefined;
    if (context === undefined) return;
    const { window, base, history, attachments, room } = context;
    const words = `Context of ${formatCount(window)} tokens: project ${formatCount(base)}, conversation ${formatCount(history)}, attachments ${formatCount(attachments)}, room left ${formatCount(room)}`;
    this.node.title = words;
    this.node.setAttribute('aria-label', words);
    const part = (name: string, tokens: number): HTMLElement => {
      const bar = element('span', { className: name });
      bar.style.width = `${(100 * tokens) / window}%`;
      return bar;
    };
    this.node.replaceChildren(
      element(
        'span',
        { className: 'bar' },
        part('base', base),
        part('history', history),
        part('attached', attachments),
      ),
      element('span', { text: `${formatCount(room)} tokens left` }),
    );
  }
}
