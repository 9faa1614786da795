import { formatCount } from '../../base/format.ts';
import { localize } from '../localize.ts';
import type { ContextReport, ContextReportGap, ContextReportItem } from '../../protocol/project.ts';

/** The project context as a Markdown document for people. */
export function contextDocument(report: ContextReport): string {
  const layers = groupBy(report.items, ({ layer }) => layer);
  return [
    `# ${localize('Project context: {0}', plain(report.name))}`,
    summary(report),
    ...[...layers].map(([layer, items]) => layerSection(layer, items)),
    gapSection(report.leftOut),
    help(),
  ].join('\n\n');
}

function layerWords(layer: string): string {
  const words: Readonly<Record<string, string>> = {
    rules: localize('Rules: how work is done here'),
    manifest: localize('Manifests: what the project is made of'),
    readme: localize('README: what the project is'),
    dependencies: localize('Dependencies: what they offer'),
    map: localize('Map: what each file offers, without bodies'),
    files: localize('Whole files'),
  };
  return words[layer] ?? layer;
}

function help(): string {
  return `${localize(
    'A file or folder can be included or excluded with *Include in Project Context* and *Exclude from Project Context* ' +
      'in the explorer, or with the settings `warmfork.context.include` and `warmfork.context.exclude`; ' +
      'a `.warmforkignore` file, written like a `.gitignore`, excludes for everybody. ' +
      'Ignored files and files that hold secrets are never in the context.',
  )}\n`;
}

function summary(report: ContextReport): string {
  const total = report.items.reduce((sum, { tokens }) => sum + tokens, 0);
  const lines = [
    localize(
      '{0} tokens in {1} items; the budget is {2} tokens ({3}).',
      ...[formatCount(total), formatCount(report.items.length)],
      ...[formatCount(report.budgetTokens), plain(report.budgetWhy)],
    ),
    baseWords(report),
  ];
  if (!report.trusted) {
    lines.push(
      localize('This workspace is not trusted: files with rules for assistants are not read.'),
    );
  }
  return lines.join('\n\n');
}

function baseWords({ baseTokens, staleShare }: ContextReport): string {
  if (baseTokens === 0) return localize('There is no base session yet.');
  const percent = Math.ceil(staleShare * 100);
  const tokens = formatCount(baseTokens);
  return percent === 0
    ? localize('The base session that serves now has {0} tokens and is up to date.', tokens)
    : localize(
        'The base session that serves now has {0} tokens and lacks {1} % of what is shown here.',
        ...[tokens, percent],
      );
}

function layerSection(layer: string, items: readonly ContextReportItem[]): string {
  const tokens = items.reduce((sum, item) => sum + item.tokens, 0);
  const title = `## ${localize('{0} ({1} tokens)', layerWords(layer), formatCount(tokens))}`;
  const rows = items.map(
    (item) => `| ${cell(item.path)} | ${formatCount(item.tokens)} | ${plain(item.why)} |`,
  );
  const heads = [localize('file'), localize('tokens'), localize('why')].join(' | ');
  return [title, '', `| ${heads} |`, '| --- | ---: | --- |', ...rows].join('\n');
}

/** Above this many, only how many there are. */
const maxGaps = 500;

function gapSection(gaps: readonly ContextReportGap[]): string {
  const reasons = [...groupBy(gaps, ({ reason }) => reason)].sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const title = `## ${localize('Left out')}`;
  if (reasons.length === 0) return `${title}\n\n${localize('Nothing.')}`;
  const parts = reasons.map(([reason, those]) => {
    const names = those.slice(0, maxGaps).map(({ path }) => `- ${cell(path)}`);
    const more =
      those.length > maxGaps
        ? [`- ${localize('… {0} more', formatCount(those.length - maxGaps))}`]
        : [];
    return [`### ${plain(reason)} (${formatCount(those.length)})`, '', ...names, ...more].join(
      '\n',
    );
  });
  return [title, ...parts].join('\n\n');
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

/** A name as code: backticks and column marks in it would end the cell. */
function cell(name: string): string {
  return `\`${name.replace(/[`|\r\n]/gu, '·')}\``;
}

function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!]/gu, '\\$&').replace(/\s+/gu, ' ');
}
