import { redactSecrets } from './redactSecrets.ts';

/** The layers of the project context, most stable first. */
export const LAYERS = ['rules', 'manifest', 'readme', 'dependencies', 'map', 'files'] as const;

/** One layer's name. */
type Layer = (typeof LAYERS)[number];

/** One piece of the project context: a file, an extract of one, or its signatures. */
export interface ContextItem {
  readonly layer: Layer;
  /** Relative to the workspace, POSIX. */
  readonly path: string;
  /** Plain text ending in a line end; may hold the names of special tokens, as any file may. */
  readonly text: string;
  /** What `path`, a line end, `text` and one separator take. */
  readonly tokens: number;
  /** Why it is in, for people. */
  readonly why: string;
}

/** Counts the tokens of a text as the model's tokenizer would, special tokens taken as text. */
export type CountTokens = (text: string) => number;

/** Makes an item of a text: secrets are taken out, and its tokens counted once. */
export function makeItem(
  draft: Pick<ContextItem, 'layer' | 'path' | 'text' | 'why'>,
  countTokens: CountTokens,
): ContextItem {
  const { text } = redactSecrets(draft.text, draft.path);
  return { ...draft, text, tokens: countTokens(`${draft.path}\n${text}`) + 1 };
}
