/** The one table of all parts. Peers differ from row to row, so they share a column. */
import { markdownTable, shown, type ResultRow } from '../lib/result.ts';

export function benchTable(rows: readonly ResultRow[]): string {
  const head = ['part', 'what', 'unit', 'Warmfork', '±', 'peers', 'ratio', 'goal', 'met'];
  const body = rows.map((row, at) => {
    const { part = '' } = row;
    // A part is named where it begins.
    return [part === (rows[at - 1]?.part ?? '') ? '' : `**${part}**`, ...cellsOf(row)];
  });
  return markdownTable(head, body);
}

/** How many goals are met, and which are not. */
export function goalsInWords(rows: readonly ResultRow[]): string {
  const judged = rows.filter(({ met }) => met !== undefined);
  const missed = judged.filter(({ met }) => met === false).map(({ name }) => name);
  const met = `Goals met: ${judged.length - missed.length} of ${judged.length}.`;
  return missed.length === 0 ? met : `${met} Not met: ${missed.join('; ')}.`;
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
