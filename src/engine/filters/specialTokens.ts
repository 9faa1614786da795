import type { Filter } from './filter.ts';

/** How special tokens look when a model writes their names as text. */
const markers =
  /<\|[a-z_▁ ]{2,32}\|>|<｜[^\n｜]{2,32}｜>|<\[[a-z-]{4,20}\]>|<(?:fim|file|repo|gh|issue|jupyter|empty)_[a-z_]{2,20}>|<(?:reponame|filename|endoftext)>|<\/?s>|▁?<(?:PRE|SUF|MID|EOT)>|\[(?:PREFIX|SUFFIX|MIDDLE)\]|\[\/?INST\]/i;

/** Names of special tokens end a suggestion, but where the document itself has them. */
export const specialTokens: Filter = {
  name: 'specialTokens',
  apply: (text, { prefix, suffix }) => {
    const found = markers.exec(text);
    if (found === null || prefix.includes(found[0]) || suffix.includes(found[0])) return text;
    return text.slice(0, found.index);
  },
};
