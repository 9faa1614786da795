import { describe, expect, it } from 'vitest';
import { SuggestionCache } from '../../src/extension/inline/suggestionCache.ts';
import type { TextWindow } from '../../src/extension/inline/textWindow.ts';

const uri = 'file:///a.ts';

function at(prefix: string, suffix = '', firstLine = 0): TextWindow {
  return { prefix, suffix, firstLine };
}

describe('SuggestionCache', () => {
  const cache = new SuggestionCache(2);
  cache.add({ uri, window: at('let '), text: 'abc' });

  it.each([
    ['the same place', at('let '), 'abc'],
    ['a part of it typed', at('let ab'), 'c'],
    ['all of it typed', at('let abc'), undefined],
    ['something else typed', at('let ax'), undefined],
    ['something taken back', at('let'), undefined],
    ['another text after the cursor', at('let ', ')'), undefined],
    ['another window', at('let ', '', 5), undefined],
  ])('%s', (_, window, expected) => {
    expect(cache.find(uri, window)).toBe(expected);
  });

  it('keeps documents apart', () => {
    expect(cache.find('file:///b.ts', at('let '))).toBeUndefined();
  });

  it('prefers the newest and drops the oldest', () => {
    const small = new SuggestionCache(2);
    small.add({ uri, window: at('a'), text: 'one' });
    small.add({ uri, window: at('a'), text: 'two' });
    expect(small.find(uri, at('a'))).toBe('two');
    small.add({ uri, window: at('b'), text: 'three' });
    expect(small.find(uri, at('ao'))).toBeUndefined();
  });
});
