/** The completion prompt on top of the base (DESIGN: "Prompts"), as tokens. */
import { takeBackLast } from '../completion/healing.ts';
import type { Tokenizer } from '../inference/tokenizer.ts';
import type { Anchor, Parts } from './anchor.ts';
import type { FimPart } from './fimFormat.ts';
import { spelledBy } from './spelling.ts';

/** Part of every fingerprint: raise it when the layout of any prompt changes. */
export const promptLayoutVersion = 2;

export interface FimPrompt {
  /** What is evaluated above the base. */
  readonly tokens: readonly number[];
  /** Bytes that generation has to begin with (token healing). */
  readonly healing: Uint8Array;
}

/** Tokens more than this are not evaluated again only to have the tokenizer's own spelling of what was typed. */
const respellingTokens = 4;

/**
 * Context, then `<|file_sep|>path\n<|fim_prefix|>` P `<|fim_suffix|>` S `<|fim_middle|>` L, or in the order that the model was trained
 * for; without FIM tokens path, P and L as plain text. The last token of L is taken back for token healing. `cells` are
 * the tokens above the base that are evaluated already: where they spell L in another way than the tokenizer would, as
 * accepted suggestions may, they are kept as they are.
 */
export function fimPrompt(
  tokenizer: Tokenizer,
  path: string,
  parts: Parts,
  cells: readonly number[] = [],
): FimPrompt {
  const head = headTokens(tokenizer, path, parts);
  const { kept, bytes } = takeBackLast(
    tokenizer,
    middleTokens(tokenizer, parts.middle, head, cells),
  );
  return { tokens: [...head, ...kept], healing: bytes };
}

interface Head {
  readonly tokenizer: Tokenizer;
  readonly path: string;
  readonly tokens: readonly number[];
}

/** What stands before the typed text stays as it is as long as its anchor: only typed text is tokenised again. */
const heads = new WeakMap<Anchor, Head>();

function headTokens(tokenizer: Tokenizer, path: string, parts: Parts): readonly number[] {
  const { anchor } = parts;
  const known = heads.get(anchor);
  if (known?.tokenizer === tokenizer && known.path === path) return known.tokens;
  const tokens = [...anchor.context, ...fileHeader(tokenizer, path), ...fimHead(tokenizer, parts)];
  heads.set(anchor, { tokenizer, path, tokens });
  return tokens;
}

function fimHead(tokenizer: Tokenizer, { anchor }: Parts): number[] {
  const { fim } = tokenizer;
  if (fim === undefined) return tokenizer.text(anchor.prefix);
  const part = (at: FimPart): readonly number[] => {
    if (at === 'P') return tokenizer.text(anchor.prefix);
    if (at === 'S') return tokenizer.text(anchor.suffix);
    return fim.tokens[at] === undefined ? [] : [fim.tokens[at]];
  };
  return fim.order.flatMap(part);
}

function middleTokens(
  tokenizer: Tokenizer,
  middle: string,
  head: readonly number[],
  cells: readonly number[],
): readonly number[] {
  const own = tokenizer.text(middle);
  if (!head.every((token, at) => cells[at] === token)) return own;
  const evaluated = cells.slice(head.length);
  const shared = own.findIndex((token, at) => evaluated[at] !== token);
  const toEvaluate = shared < 0 ? 0 : own.length - shared;
  if (toEvaluate <= respellingTokens) return own;
  const spelled = spelledBy(tokenizer, evaluated, middle);
  const asEvaluated = [...spelled.tokens, ...tokenizer.text(middle.slice(spelled.length))];
  const saved = toEvaluate - (asEvaluated.length - spelled.tokens.length);
  return saved > respellingTokens ? asEvaluated : own;
}

/** What stands before a file's text, in the base's own style. */
export function fileHeader(tokenizer: Tokenizer, path: string): readonly number[] {
  const separator = tokenizer.fileSeparator;
  const name = `${path}\n`;
  return separator === undefined
    ? tokenizer.text(`\n// ${name}`)
    : [separator, ...tokenizer.text(name)];
}
