import type { ShownSpan, ShownStrip } from '../../src/extension/sessions/shared/cacheProtocol.ts';
import { element } from '../chat/dom.ts';

/** The cells of the context as one bar, coloured by session, with a legend that says the same in words. */
export function stripView({ title, words, spans }: ShownStrip): HTMLElement {
  const attributes = { role: 'img', 'aria-label': `${title}. ${words}` };
  const bar = element('div', { className: 'strip', attributes });
  bar.append(...spans.map(spanView));
  const legend = element('ul', { className: 'legend' }, ...spans.map(legendEntry));
  return element('section', {}, element('h2', { text: title }), bar, legend);
}

function spanView(span: ShownSpan): HTMLElement {
  const attributes = { title: `${span.name}: ${span.words}` };
  const view = element('div', { className: `span ${colour(span)}`, attributes });
  view.style.flexGrow = String(span.cells);
  return view;
}

function legendEntry(span: ShownSpan): HTMLElement {
  const swatch = element('span', {
    className: `swatch ${colour(span)}`,
    attributes: { 'aria-hidden': 'true' },
  });
  const name = element('span', { className: 'name', text: span.name });
  return element('li', {}, swatch, name, element('span', { className: 'muted', text: span.words }));
}

function colour({ kind, shade }: ShownSpan): string {
  return `${kind} shade-${shade}`;
}
