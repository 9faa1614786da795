/** Texts in the language of the editor, for modules that do not know `vscode`. */

export type Translate = (message: string, ...args: (string | number)[]) => string;

let translate: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/gu, (all, at: string) => String(args[Number(at)] ?? all));

/**
 * `message` in the language of the editor, `{0}` and so on replaced by `args`. It must be a literal: the list of
 * translatable texts is made from the source (`npm run l10n`). Not to be called while modules load.
 */
export function localize(message: string, ...args: (string | number)[]): string {
  return translate(message, ...args);
}

/** Called once, when the extension is activated. Until then, and in tests, texts are English. */
export function translateWith(translator: Translate): void {
  translate = translator;
}
