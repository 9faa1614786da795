import { formatCount } from '../../base/format.ts';
import type { ContextReport, ContextReportGap, ContextReportItem } from '../../protocol/project.ts';

/** The project context as a Markdown document for people. */
export function contextDocument(report: ContextReport): string {
  const layers = groupBy(report.items, ({ layer }) => layer);
  return [
    `# Project context: ${plain(report.name)}`,
    summary(report),
    ...[...layers].map(([layer, items]) => layerSection(layer, items)),
    gapSection(report.leftOut),
    help,
  ].join('\n\n');
}

const layerWords: Readonly<Record<string, string>> = {
  rules: 'Rules: how work is done here',
  manifest: 'Manifests: what the project is made of',
  readme: 'README: what the project is',
  dependencies: 'Dependencies: what they offer',
  map: 'Map: what each file offers, without bodies',
  files: 'Whole files',
};

const help =
  'A file or folder can be included or excluded with *Include in Project Context* and *Exclude from Project Context* ' +
  'in the explorer, or with the settings `warmfork.context.include` and `warmfork.context.exclude`; ' +
  'a `.warmforkignore` file, written like a `.gitignore`, excludes for everybody. ' +
  'Ignored files and files that hold secrets are never in the context.\n';

function summary(report: ContextReport): string {
  const total = report.items.reduce((sum, { tokens }) => sum + tokens, 0);
  const lines = [
    `${formatCount(total)} tokens in ${count(report.items.length, 'item')}; ` +
      `the budget is ${formatCount(report.budgetTokens)} tokens (${plain(report.budgetWhy)}).`,
    baseWords(report),
  ];
  if (!report.trusted) {
    lines.push('This workspace is not trusted: files with rules for assistants are not read.');
  }
  return lines.join('\n\n');
}

function baseWords({ baseTokens, staleShare }: ContextReport): string {
  if (baseTokens === 0) return 'There is no base session yet.';
  const percent = Math.ceil(staleShare * 100);
  const state =
    percent === 0 ? 'and is up to date' : `and lacks ${percent} % of what is shown here`;
  return `The base session that serves now has ${formatCount(baseTokens)} tokens ${state}.`;
}

function layerSection(layer: string, items: readonly ContextReportItem[]): string {
  const tokens = items.reduce((sum, item) => sum + item.tokens, 0);
  const title = `## ${layerWords[layer] ?? layer} (${formatCount(tokens)} tokens)`;
  const rows = items.map(
    (item) => `| ${cell(item.path)} | ${formatCount(item.tokens)} | ${plain(item.why)} |`,
  );
  return [title, '', '| file | tokens | why |', '| --- | ---: | --- |', ...rows].join('\n');
}

/** Above this many, only how many there are. */
const maxGaps = 500;

function gapSection(gaps: readonly ContextReportGap[]): string {
  const reasons = [...groupBy(gaps, ({ reason }) => reason)].sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  if (reasons.length === 0) return '## Left out\n\nNothing.';
  const parts = reasons.map(([reason, those]) => {
    const names = those.slice(0, maxGaps).map(({ path }) => `- ${cell(path)}`);
    const more = those.length > maxGaps ? [`- … ${formatCount(those.length - maxGaps)} more`] : [];
    return [`### ${plain(reason)} (${formatCount(those.length)})`, '', ...names, ...more].join(
      '\n',
    );
  });
  return ['## Left out', ...parts].join('\n\n');
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function count(n: number, word: string): string {
  return `${formatCount(n)} ${word}${n === 1 ? '' : 's'}`;
}

/** A name as code: backticks and column marks in it would end the cell. */
function cell(name: string): string {
  return `\`${name.replace(/[`|\r\n]/gu, '·')}\``;
}

function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!]/gu, '\\$&').replace(/\s+/gu, ' ');
}
