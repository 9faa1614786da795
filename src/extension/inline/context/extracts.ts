/** How much of another place is told, in lines. */
export const extractLimits = { editor: 30, definition: 14 } as const;

/** Lines of a text around a line. */
export function around(text: string, line: number, count: number = extractLimits.editor): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(0, Math.min(line - Math.floor(count / 2), lines.length - count));
  return lines
    .slice(first, first + count)
    .join('\n')
    .trim();
}

/** A definition from its comment or first line to its end by indentation, or as far as the limit. */
export function definitionAt(text: string, line: number): string {
  const lines = text.split(/\r?\n/);
  const first = lines[line];
  if (first === undefined) return '';
  const indent = indentOf(first);
  const kept = [first];
  for (const next of lines.slice(line + 1, line + extractLimits.definition)) {
    const isInside = next.trim() === '' || indentOf(next) > indent;
    if (!isInside && !/^\s*[)\]}]/.test(next)) break;
    kept.push(next);
    if (!isInside && !/[{([,]\s*$/.test(next)) break;
  }
  return kept.join('\n').trimEnd();
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}
