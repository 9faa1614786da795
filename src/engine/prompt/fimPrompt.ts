/** The completion prompt on top of the base (DESIGN: "Prompts"), as tokens. */
import { takeBackLast } from '../healing.ts';
import type { Tokenizer } from '../tokenizer.ts';
import type { Parts } from './anchor.ts';

/** Part of every fingerprint: raise it when the layout of any prompt changes. */
export const promptLayoutVersion = 1;

export interface FimPrompt {
  /** What is evaluated above the base. */
  readonly tokens: readonly number[];
  /** Bytes that generation has to begin with (token healing). */
  readonly healing: Uint8Array;
}

/**
 * `<|file_sep|>path\n<|fim_prefix|>` P `<|fim_suffix|>` S `<|fim_middle|>` L. Without FIM tokens: path, P and L as
 * plain text. The last token of L is taken back for token healing.
 */
export function fimPrompt(tokenizer: Tokenizer, path: string, parts: Parts): FimPrompt {
  const { prefix, suffix } = parts.anchor;
  const { kept, bytes } = takeBackLast(tokenizer, tokenizer.text(parts.middle));
  const head = [...fileHeader(tokenizer, path)];
  const { fim } = tokenizer;
  const tokens =
    fim === undefined
      ? [...head, ...tokenizer.text(prefix), ...kept]
      : [
          ...head,
          fim.prefix,
          ...tokenizer.text(prefix),
          fim.suffix,
          ...tokenizer.text(suffix),
          fim.middle,
          ...kept,
        ];
  return { tokens, healing: bytes };
}

function fileHeader(tokenizer: Tokenizer, path: string): readonly number[] {
  const separator = tokenizer.fileSeparator;
  const name = `${path}\n`;
  return separator === undefined
    ? tokenizer.text(`\n// ${name}`)
    : [separator, ...tokenizer.text(name)];
}
