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
  edit: 'M11.6 1.5 14.5 4.4 5.4 13.5 1.5 14.5l1-3.9 9.1-9.1Zm0 1.7L10.3 4.5l1.2 1.2 1.3-1.3-1.2-1.2ZM3.3 11.2l-.4 1.9 1.9-.4 5.8-5.8-1.2-1.2-6.1 5.5Z',
  retry: 'M8 2a6 6 0 1 1-5.6 3.9l1.1.4A4.8 4.8 0 1 0 8 3.2V5L4.5 2.6 8 .2V2Z',
  branch:
    'M4 1.5a2 2 0 0 1 .6 3.9v5.2a2 2 0 1 1-1.2 0V5.4A2 2 0 0 1 4 1.5Zm8 1a2 2 0 0 1 .6 3.9c-.2 2-1.5 3-4 3.2-1.3.1-2.2.4-2.8.9l-.8-1c.8-.7 2-1 3.5-1.1 2-.2 2.8-.8 2.9-2A2 2 0 0 1 12 2.5Z',
  previous: 'm10.2 2.6.9.9L6.6 8l4.5 4.5-.9.9L4.8 8l5.4-5.4Z',
  next: 'm5.8 2.6-.9.9L9.4 8l-4.5 4.5.9.9L11.2 8 5.8 2.6Z',
  close: 'm8 7.1 3.9-3.9.9.9L8.9 8l3.9 3.9-.9.9L8 8.9l-3.9 3.9-.9-.9L7.1 8 3.2 4.1l.9-.9L8 7.1Z',
  insert:
    'M2 2h12v1.2H2V2Zm0 10.800h12V14H2v-1.200ZM7.400 4.500h1.200v4l1.600-1.600.900.900L8 10.900 4.900 7.800l.900-.900 1.600 1.600v-4Z',
  apply: 'M7.400 2h1.200v3h3v1.200h-3v3H7.400v-3h-3V5h3V2Zm-3 9.800h7.200V13H4.400v-1.200Z',
  newFile:
    'M3 1.500h6l4 4v9H3v-13Zm1.200 1.200v10.600h7.600V6.200H8.300V2.700H4.200Zm5.300.600v1.700h1.700L9.500 3.300Z',
  trash:
    'M6 1.500h4v1.300h4V4h-1v10.500H3V4H2V2.800h4V1.500ZM4.200 4v9.300h7.600V4H4.200ZM6 5.500h1.200v6H6v-6Zm2.800 0H10v6H8.800v-6Z',
  export:
    'm8 1 3.200 3.200-.900.900-1.700-1.700V10H7.400V3.400L5.700 5.100l-.900-.900L8 1ZM2 9h1.200v4.300h9.600V9H14v5.500H2V9Z',
  attach:
    'M11.500 4.500v6a3.500 3.500 0 1 1-7 0V4a2.500 2.500 0 0 1 5 0v6a1.500 1.500 0 0 1-3 0V5h1.200v5a.3.3 0 0 0 .6 0V4a1.300 1.300 0 0 0-2.600 0v6.500a2.300 2.300 0 0 0 4.600 0v-6h1.200Z',
  lock: 'M8 1a3 3 0 0 1 3 3v2h1.500v8.500h-9V6H5V4a3 3 0 0 1 3-3Zm0 1.200A1.800 1.800 0 0 0 6.200 4v2h3.600V4A1.800 1.800 0 0 0 8 2.200ZM4.700 7.200v6.100h6.600V7.200H4.700Z',
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

export function iconButton(name: IconName, label: string, onClick?: () => void): HTMLButtonElement {
  const attributes = { type: 'button', title: label, 'aria-label': label };
  const button = element('button', { className: 'icon-button', attributes }, icon(name));
  if (onClick) button.addEventListener('click', onClick);
  return button;
}
