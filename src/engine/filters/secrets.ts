import { redactSecrets } from '../../project/redactSecrets.ts';
import { lineBefore, type Filter } from './filter.ts';

/** What looks like a password or a key is nothing a model should make up, or repeat. */
export const secrets: Filter = {
  name: 'secrets',
  apply: (text, place) => {
    const before = lineBefore(place);
    const known = redactSecrets(before, place.path).redacted;
    const withText = redactSecrets(before + text, place.path).redacted;
    return withText > known ? '' : text;
  },
};
