import type { ContextChoice } from '../../protocol/project.ts';

/** What a person does with a file or folder of the explorer. */
export type ChoiceKind = 'include' | 'exclude';

/** The glob of one file or folder, whose name may hold characters that are special in globs. */
export function globOf(relativePath: string): string {
  return `/${relativePath.replace(/[{}]/gu, '?').replace(/[\\*[\]!]/gu, '\\$&')}`;
}

/** The choice with these globs in one list and not in the other; the same object when nothing changes. */
export function withChoice(
  choice: ContextChoice,
  kind: ChoiceKind,
  globs: readonly string[],
): ContextChoice {
  const other = kind === 'include' ? 'exclude' : 'include';
  const added = globs.filter((glob) => !choice[kind].includes(glob));
  const kept = choice[other].filter((glob) => !globs.includes(glob));
  const isOtherSame = kept.length === choice[other].length;
  if (added.length === 0 && isOtherSame) return choice;
  // A list that stays is the same object, so that only what changed is written.
  const chosen = added.length === 0 ? choice[kind] : [...choice[kind], ...added];
  const rest = isOtherSame ? choice[other] : kept;
  return kind === 'include'
    ? { include: chosen, exclude: rest }
    : { include: rest, exclude: chosen };
}
