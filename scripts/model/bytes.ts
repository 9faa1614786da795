/** GPT-2's mapping between bytes and printable characters, in which BPE vocabularies are written. */
const PRINTABLE: readonly (readonly [from: number, to: number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

/** The 256 bytes in vocabulary order: printable ones first, then the rest. */
export const BYTE_ORDER: readonly number[] = (() => {
  const printable = PRINTABLE.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  );
  const rest = Array.from({ length: 256 }, (_, byte) => byte).filter((b) => !printable.includes(b));
  return [...printable, ...rest];
})();

const CHARACTERS: readonly string[] = (() => {
  const nPrintable = BYTE_ORDER.length - 68;
  const characters = new Array<string>(256);
  BYTE_ORDER.forEach((byte, index) => {
    characters[byte] = String.fromCodePoint(index < nPrintable ? byte : 256 + index - nPrintable);
  });
  return characters;
})();

const BYTES: ReadonlyMap<string, number> = new Map(
  CHARACTERS.map((character, byte) => [character, byte]),
);

/** The character that stands for a byte. */
export function byteCharacter(byte: number): string {
  return CHARACTERS[byte] ?? '';
}

/** The characters that stand for the UTF-8 bytes of a text. */
export function toByteCharacters(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), byteCharacter).join('');
}

/** The bytes that a vocabulary entry stands for. */
export function fromByteCharacters(piece: string): Buffer {
  return Buffer.from(Array.from(piece, (character) => BYTES.get(character) ?? 0));
}
