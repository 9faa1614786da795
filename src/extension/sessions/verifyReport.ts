import { formatBytes, formatCount } from '../../base/format.ts';
import { textTable, type Column } from '../../base/textTable.ts';
import type { SessionReport, VerifiedSession } from '../../protocol/sessionReport.ts';

export interface ReportWords {
  readonly nameOf: (uri: string) => string;
  readonly formatTime: (ms: number) => string;
}

/** The report as a person reads it, in Markdown. */
export function verifyReport(report: SessionReport, words: ReportWords): string {
  const { root, sessions, problems, bytes, budgetBytes } = report;
  const damaged = sessions.filter(({ problem }) => problem !== undefined).length;
  const parts = [
    '# Warmfork Session Files',
    verdict(damaged, problems.length),
    `${formatBytes(bytes)} of ${formatBytes(budgetBytes)} in use, in ${root}`,
    '## Sessions of this workspace',
    sessions.length > 0 ? textTable(columns(words), sessions) : 'There are none yet.',
  ];
  if (problems.length > 0) {
    const lines = problems.map(({ path, problem }) => `- ${path}: ${problem}`);
    parts.push('## Other findings in the cache directory', lines.join('\n'));
  }
  if (damaged + problems.length > 0) parts.push(advice);
  return `${parts.join('\n\n')}\n`;
}

const advice =
  'A damaged session is never used: it is removed when it is needed, and what it held is evaluated again. ' +
  '*Warmfork: Clear Session Cache* removes all sessions of this workspace at once.';

function verdict(damaged: number, findings: number): string {
  if (damaged + findings === 0) return 'Everything is in order.';
  const parts = [
    ...(damaged > 0 ? [`${count(damaged, 'session')} cannot be used`] : []),
    ...(findings > 0 ? [count(findings, 'other finding')] : []),
  ];
  return `${parts.join(', ')}.`;
}

function columns({ nameOf, formatTime }: ReportWords): readonly Column<VerifiedSession>[] {
  return [
    { title: 'Kind', value: ({ kind }) => kind },
    { title: 'Session', value: ({ kind, id }) => (kind === 'file' ? nameOf(id) : id) },
    { title: 'Tokens', value: ({ tokens }) => formatCount(tokens), align: 'right' },
    { title: 'Size', value: ({ sizeBytes }) => formatBytes(sizeBytes), align: 'right' },
    { title: 'Last used', value: ({ usedAt }) => formatTime(usedAt) },
    { title: 'Verdict', value: ({ problem }) => problem ?? 'valid' },
    { title: 'File', value: ({ path }) => path },
  ];
}

function count(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}
