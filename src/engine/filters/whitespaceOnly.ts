import type { Filter } from './filter.ts';

/** White space is nothing to offer. */
export const whitespaceOnly: Filter = {
  name: 'whitespaceOnly',
  apply: (text) => (text.trim() === '' ? '' : text),
};
