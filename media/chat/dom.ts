/** Small helpers to build elements: text always goes in as text. */

interface ElementOptions {
  readonly className?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { className, text, attributes }: ElementOptions = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className !== undefined) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const icons = {
  send: 'M1.5 2.2 14.5 8 1.5 13.8 3.2 8 1.5 2.2Zm2.6 6.4-.9 3L11.3 8 3.2 4.4l.9 3H8v1.2H4.1Z',
  stop: 'M3.5 3.5h9v9h-9z',
  copy: 'M5 2h8v9h-2v2H3V4h2V2Zm1 2h5v6h1V3H6v1ZM4 5v7h6V5H4Z',
  check: 'm6.2 12.3-3.9-3.9.9-.9 3 3 6.6-6.6.9.9-7.5 7.5Z',
} as const;

export type IconName = keyof typeof icons;

export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', icons[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

export function iconButton(name: IconName, label: string): HTMLButtonElement {
  const attributes = { type: 'button', title: label, 'aria-label': label };
  return element('button', { className: 'icon-button', attributes }, icon(name));
}
