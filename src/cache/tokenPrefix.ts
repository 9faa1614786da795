/** Token ids in order, as the engine holds them (`Int32Array`) or as a test writes them. */
export type TokenList = Int32Array | readonly number[];

/** How many leading tokens `a` and `b` share. */
export function commonPrefixLength(a: TokenList, b: TokenList): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}
