import { formatBytes, formatCount } from '../../base/format.ts';
import { textTable, type Column } from '../../base/textTable.ts';
import type { SessionReport, VerifiedSession } from '../../protocol/sessionReport.ts';
import { localize } from '../localize.ts';

export interface ReportWords {
  readonly nameOf: (uri: string) => string;
  readonly formatTime: (ms: number) => string;
}

/** The report as a person reads it, in Markdown. */
export function verifyReport(report: SessionReport, words: ReportWords): string {
  const { root, sessions, problems, bytes, budgetBytes } = report;
  const damaged = sessions.filter(({ problem }) => problem !== undefined).length;
  const parts = [
    `# ${localize('Warmfork Session Files')}`,
    verdict(damaged, problems.length),
    localize('{0} of {1} in use, in {2}', formatBytes(bytes), formatBytes(budgetBytes), root),
    `## ${localize('Sessions of this workspace')}`,
    sessions.length > 0 ? textTable(columns(words), sessions) : localize('There are none yet.'),
  ];
  if (problems.length > 0) {
    const lines = problems.map(({ path, problem }) => `- ${path}: ${problem}`);
    parts.push(`## ${localize('Other findings in the cache directory')}`, lines.join('\n'));
  }
  if (damaged + problems.length > 0) parts.push(advice());
  return `${parts.join('\n\n')}\n`;
}

function advice(): string {
  return localize(
    'A damaged session is never used: it is removed when it is needed, and what it held is evaluated again. ' +
      '*Warmfork: Clear Session Cache* removes all sessions of this workspace at once.',
  );
}

function verdict(damaged: number, findings: number): string {
  if (damaged + findings === 0) return localize('Everything is in order.');
  const parts = [
    ...(damaged > 0 ? [damagedWords(damaged)] : []),
    ...(findings > 0 ? [findingWords(findings)] : []),
  ];
  return `${parts.join(', ')}.`;
}

function columns({ nameOf, formatTime }: ReportWords): readonly Column<VerifiedSession>[] {
  return [
    { title: localize('Kind'), value: ({ kind }) => kind },
    { title: localize('Session'), value: ({ kind, id }) => (kind === 'file' ? nameOf(id) : id) },
    { title: localize('Tokens'), value: ({ tokens }) => formatCount(tokens), align: 'right' },
    { title: localize('Size'), value: ({ sizeBytes }) => formatBytes(sizeBytes), align: 'right' },
    { title: localize('Last used'), value: ({ usedAt }) => formatTime(usedAt) },
    { title: localize('Verdict'), value: ({ problem }) => problem ?? localize('valid') },
    { title: localize('File'), value: ({ path }) => path },
  ];
}

function damagedWords(count: number): string {
  return count === 1
    ? localize('1 session cannot be used')
    : localize('{0} sessions cannot be used', formatCount(count));
}

function findingWords(count: number): string {
  return count === 1
    ? localize('1 other finding')
    : localize('{0} other findings', formatCount(count));
}
