/** The one table of all parts. Peers differ from row to row, so they share a column. */
import { markdownTable, shown, type ResultRow } from '../lib/result.ts';

export function benchTable(rows: readonly ResultRow[]): string {
  const head = ['', 'unit', 'Warmfork', '±', 'peers', 'ratio', 'goal', 'met'];
  return markdownTable(head, rows.map(cellsOf));
}

function cellsOf(row: ResultRow): string[] {
  const peers = Object.entries(row.peers).map(([name, value]) => `${name}: ${shown(value)}`);
  return [
    row.name,
    row.unit,
    shown(row.ours),
    row.spread === undefined ? '–' : `${Math.round(row.spread * 100)} %`,
    peers.length === 0 ? '–' : peers.join('; '),
    row.ratio === undefined ? '–' : `${shown(row.ratio)} ×`,
    row.goal ?? '–',
    row.met === undefined ? '–' : row.met ? 'yes' : 'no',
  ];
}
