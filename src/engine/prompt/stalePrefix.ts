/**
 * Prefixes that are nearly what the document has: an import that came in at the top must not cost the evaluation of
 * everything below it before the next suggestion.
 */

/** So much before the cursor's place is as it was. */
const freshChars = 600;
/** Longest change, in characters that went and that came. */
const mostRemoved = 300;
const mostAdded = 600;

/**
 * Where in `text` the old `prefix` ends, when it differs from what stands there by one small change far above its end.
 * @param head where in `text` it begins.
 */
export function staleEnd(text: string, head: number, prefix: string): number | undefined {
  if (head < 0 || prefix.length <= freshChars) return undefined;
  const tailAt = text.lastIndexOf(prefix.slice(-freshChars));
  if (tailAt < head) return undefined;
  let kept = prefix.length - freshChars;
  let at = tailAt;
  while (kept > 0 && at > head && prefix[kept - 1] === text[at - 1]) {
    kept--;
    at--;
  }
  let same = 0;
  while (same < kept && head + same < at && prefix[same] === text[head + same]) same++;
  const removed = kept - same;
  const added = at - head - same;
  return removed <= mostRemoved && added <= mostAdded ? tailAt + freshChars : undefined;
}
