export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
}

/** Rows under titles, in columns as wide as their widest value, as a Markdown table that is readable as it stands. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row).replaceAll('|', '\\|')));
  const widths = columns.map(({ title }, column) =>
    Math.max(3, title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    `| ${values.map((value, column) => pad(value, widths[column] ?? 0, columns[column]?.align)).join(' | ')} |`;
  const rule = columns.map(({ align }, column) => {
    const dashes = '-'.repeat((widths[column] ?? 0) - 1);
    return align === 'right' ? `${dashes}:` : `-${dashes}`;
  });
  return [line(columns.map(({ title }) => title)), line(rule), ...cells.map(line)].join('\n');
}

function pad(value: string, width: number, align: 'right' | undefined): string {
  return align === 'right' ? value.padStart(width) : value.padEnd(width);
}
