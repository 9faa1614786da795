import type { ShownGroup, ShownRow } from '../../src/extension/sessions/shared/cacheProtocol.ts';
import { element } from '../chat/dom.ts';

export interface RowActions {
  readonly open: (id: number) => void;
  readonly reveal: (id: number) => void;
}

/** Which file holds what. */
export function groupView({ title, note, columns, rows }: ShownGroup, actions: RowActions): Node {
  const heads = columns.map((text) => element('th', { text, attributes: { scope: 'col' } }));
  const body = rows.map((row) => rowView(row, columns.length, actions));
  const table = element(
    'table',
    { attributes: { 'aria-label': title } },
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...body.flat()),
  );
  const heading = element('h2', { text: title });
  return element('section', {}, heading, element('p', { className: 'muted', text: note }), table);
}

/** The path has a row of its own: it is long, and belongs to what is above it. */
function rowView(row: ShownRow, width: number, { open, reveal }: RowActions): HTMLElement[] {
  const name = row.opens
    ? linkButton(row.name, row.name, () => open(row.id))
    : element('span', { text: row.name });
  const head = element('th', { attributes: { scope: 'row' } }, name);
  const cells = row.cells.map((text) => element('td', { text }));
  const path = element('td', { className: 'path', attributes: { colspan: String(width) } });
  const label = `${row.reveal}: ${row.path}`;
  path.append(
    element('code', { text: row.path }),
    ' ',
    linkButton(row.reveal, label, () => reveal(row.id)),
  );
  return [element('tr', { className: 'facts' }, head, ...cells), element('tr', {}, path)];
}

function linkButton(text: string, label: string, onClick: () => void): HTMLButtonElement {
  const attributes = { type: 'button', 'aria-label': label };
  const button = element('button', { className: 'link', text, attributes });
  button.addEventListener('click', onClick);
  return button;
}
