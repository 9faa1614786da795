/**
 * Golden cases of filters: a title, a document with the cursor at `║`, a suggestion, and what is offered of it.
 *
 *     # title
 *     document║
 *     >>> suggestion
 *     <<< offered, or (nothing)
 *
 * Both may go over lines; `·` at an end of a line stands for a space that would not be seen.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../../src/engine/filters/filter.ts';

export interface Golden {
  readonly title: string;
  readonly place: Place;
  readonly suggestion: string;
  readonly offered: string;
}

const casePattern = /^# (.*)\n([^]*?)\n>>> ?([^]*?)\n<<< ?([^]*?)\s*$/;

/** @param languageId unless the title begins with another one in brackets. */
export function readGoldens(name: string, languageId = 'typescript'): readonly Golden[] {
  const text = readFileSync(join(import.meta.dirname, 'cases', `${name}.txt`), 'utf8');
  return text.split(/\n(?=# )/).map((part) => {
    const found = casePattern.exec(part.trim());
    if (found === null) throw new Error(`${name}: no case: ${part}`);
    const [, title = '', document = '', suggestion = '', offered = ''] = found;
    const [prefix = '', suffix] = visible(document).split('║');
    if (suffix === undefined) throw new Error(`${name}: no cursor in: ${title}`);
    const language = /^\[([\w-]+)\]/.exec(title)?.[1] ?? languageId;
    const place = { path: 'src/a.ts', languageId: language, prefix, suffix };
    const nothing = offered.trim() === '(nothing)';
    return {
      title,
      place,
      suggestion: visible(suggestion),
      offered: nothing ? '' : visible(offered),
    };
  });
}

function visible(text: string): string {
  return text.replaceAll('·', ' ').replaceAll('→', '\t');
}
