import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyFilters, filters } from '../../../src/engine/filters/chain.ts';
import { readGoldens } from './goldens.ts';

describe.each(filters.map((filter) => ({ filter, name: filter.name })))(
  '$name',
  ({ filter, name }) => {
    it.each(readGoldens(name))('$title', ({ place, suggestion, offered }) => {
      const text = filter.apply(suggestion, place);
      expect(text.trimEnd()).toBe(offered);
      // What was taken away stays away.
      expect(filter.apply(text, place).trimEnd()).toBe(offered);
    });
  },
);

describe('the chain', () => {
  it('has golden cases for every filter', () => {
    const cases = readdirSync(join(import.meta.dirname, 'cases')).map((name) => name.slice(0, -4));
    expect(cases.sort()).toEqual(['chain', ...filters.map(({ name }) => name)].sort());
  });

  it.each(readGoldens('chain'))('$title', ({ title, place, suggestion, offered }) => {
    const { text, changedBy, dropped } = applyFilters(suggestion, place);
    expect(text).toBe(offered);
    const named = /: (.*)$/.exec(title)?.[1] ?? '';
    expect(changedBy.join(', ')).toBe(named);
    expect(dropped).toBe(offered === '' ? changedBy.at(-1) : undefined);
  });

  it('says nothing about an empty suggestion', () => {
    const place = { path: 'a.ts', languageId: 'typescript', prefix: '', suffix: '' };
    expect(applyFilters('', place)).toEqual({ text: '', changedBy: [] });
  });
});
