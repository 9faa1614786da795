import { describe, expect, it } from 'vitest';
import { ResultCache } from '../../src/extension/inline/resultCache.ts';
import type { TextWindow } from '../../src/extension/inline/textWindow.ts';

const uri = 'file:///a.ts';
const scope = 'model\nb1';

function at(prefix: string, suffix = '', firstLine = 0): TextWindow {
  return { prefix, suffix, firstLine };
}

function find(cache: ResultCache, window: TextWindow): readonly string[] | undefined {
  return cache.find({ uri, scope, window })?.candidates;
}

describe('ResultCache', () => {
  const cache = new ResultCache();
  cache.add({ uri, scope, window: at('one\nlet '), candidates: ['f(b)', 'fx'] });

  it.each([
    ['the same place', at('one\nlet '), ['f(b)', 'fx']],
    ['a part of it typed', at('one\nlet f'), ['(b)', 'x']],
    ['a part of one of them typed', at('one\nlet f('), ['b)']],
    ['a bracket that the editor closed', at('one\nlet f(', ')'), ['b)']],
    ['a bracket closed that nobody opened', at('one\nlet ', ')'), undefined],
    ['all of it typed', at('one\nlet f(b)'), undefined],
    ['something else typed', at('one\nlet ax'), undefined],
    ['something taken back', at('one\nlet'), undefined],
    ['another text after the cursor', at('one\nlet ', ';'), undefined],
    ['the window begins lower', at('let f', '', 1), ['(b)', 'x']],
    ['another place of the document', at('let f', '', 5), undefined],
  ])('%s', (_, window, expected) => {
    expect(find(cache, window)).toEqual(expected);
  });

  it('keeps documents, models and base sessions apart', () => {
    const window = at('one\nlet ');
    expect(cache.find({ uri: 'file:///b.ts', scope, window })).toBeUndefined();
    expect(cache.find({ uri, scope: 'model\nb2', window })).toBeUndefined();
  });

  it('knows where there was nothing to offer, and only there', () => {
    const empty = new ResultCache();
    empty.add({ uri, scope, window: at('a'), candidates: [], dropped: 'brackets' });
    expect(empty.find({ uri, scope, window: at('a') })).toMatchObject({ dropped: 'brackets' });
    expect(find(empty, at('ab'))).toBeUndefined();
  });

  it('prefers what was used last and drops what was used first', () => {
    const small = new ResultCache(2);
    const add = (prefix: string, text: string): void =>
      small.add({ uri, scope, window: at(prefix), candidates: [text] });
    add('a', 'one');
    add('a', 'two');
    expect(find(small, at('a'))).toEqual(['two']);
    expect(find(small, at('ao'))).toEqual(['ne']);
    add('b', 'three');
    expect(find(small, at('at'))).toBeUndefined();
    expect(find(small, at('ao'))).toEqual(['ne']);
  });

  it('sees that a long text after the cursor is the same although it is cut elsewhere', () => {
    const long = new ResultCache();
    const lines = `${'x'.repeat(99)}\n`.repeat(80);
    long.add({ uri, scope, window: at('a', lines), candidates: ['f(b)'] });
    expect(find(long, at('af(', `)${lines.slice(0, -100)}`))).toEqual(['b)']);
    expect(find(long, at('af(', `)y${lines.slice(0, -100)}`))).toBeUndefined();
  });
});
