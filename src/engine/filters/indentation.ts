import { lineBefore, type Filter } from './filter.ts';

/** A suggestion is indented as its document is, and no further than its place says. */
export const indentation: Filter = {
  name: 'indentation',
  apply: (text, place) => {
    const before = lineBefore(place);
    const first = withoutWildIndent(withoutDoubledIndent(text, before), before, place.prefix);
    return withDocumentStyle(first, place.prefix);
  },
};

/** Columns that a line may stand right of the line above it. */
const widestStep = 8;

/** No line stands that far right of the one above it. */
function withoutWildIndent(text: string, before: string, prefix: string): string {
  if (before === '' || before.trim() !== '') return text;
  const lead = indentOf(text);
  const above =
    prefix
      .split('\n')
      .slice(0, -1)
      .findLast((line) => line.trim() !== '') ?? '';
  const isWild = before.length + lead.length > indentOf(above).length + widestStep;
  return isWild ? text.slice(lead.length) : text;
}

/** The cursor stands behind an indentation that the first line brings along once more. */
function withoutDoubledIndent(text: string, before: string): string {
  if (before === '' || before.trim() !== '') return text;
  const [first = '', ...rest] = text.split('\n');
  const lead = indentOf(first);
  if (lead === '' || first.trim() === '') return text;
  const others = rest.filter((line) => line.trim() !== '').map((line) => indentOf(line).length);
  const isDoubled =
    others.length === 0
      ? lead === before
      : Math.min(...others) <= before.length && lead.length >= before.length;
  return isDoubled ? [first.slice(lead.length), ...rest].join('\n') : text;
}

/** Tabs where the document has tabs, spaces where it has spaces. */
function withDocumentStyle(text: string, prefix: string): string {
  if (!text.includes('\n')) return text;
  const indents = prefix
    .split('\n')
    .map(indentOf)
    .filter((indent) => indent !== '');
  const tabs = indents.filter((indent) => indent.startsWith('\t')).length;
  const spaces = indents.filter((indent) => indent.startsWith('  ')).length;
  const [first = '', ...rest] = text.split('\n');
  if (tabs > 0 && spaces === 0) return [first, ...rest.map(toTabs(unitOf(rest)))].join('\n');
  if (spaces > 1 && tabs === 0)
    return [first, ...rest.map(toSpaces(unitOf(prefix.split('\n'))))].join('\n');
  return text;
}

function toTabs(unit: number): (line: string) => string {
  return (line) => {
    const indent = indentOf(line);
    if (!/^ +$/.test(indent)) return line;
    return '\t'.repeat(Math.round(indent.length / unit)) + line.slice(indent.length);
  };
}

function toSpaces(unit: number): (line: string) => string {
  return (line) => {
    const indent = indentOf(line);
    return indent.replaceAll('\t', ' '.repeat(unit)) + line.slice(indent.length);
  };
}

/** Spaces of one step: the smallest indentation by spaces that is not one alone. */
function unitOf(lines: readonly string[]): number {
  const widths = lines
    .map((line) => /^ +/.exec(line)?.[0].length ?? 0)
    .filter((width) => width > 1);
  return widths.length === 0 ? 4 : Math.min(...widths, 8);
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
