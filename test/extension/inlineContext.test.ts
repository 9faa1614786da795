import { describe, expect, it } from 'vitest';
import { around, definitionAt } from '../../src/extension/inline/context/extracts.ts';
import { importedSymbols, usedNear } from '../../src/extension/inline/context/importedSymbols.ts';
import { editLimits, RecentEdits } from '../../src/extension/inline/context/recentEdits.ts';
import { withTimeout } from '../../src/extension/inline/context/withTimeout.ts';
import { ManualClock } from '../client/helpers.ts';

const numbers = Array.from({ length: 200 }, (_, index) => `line ${index}`);
const text = numbers.join('\n');
const changed = (...changes: readonly [number, string][]): string => {
  const lines = [...numbers];
  for (const [line, content] of changes) lines[line] = content;
  return lines.join('\n');
};
const nowhere = { path: 'none', line: 0 };

describe('RecentEdits', () => {
  it('are small diffs, newest first, told once however often typing rests', () => {
    const edits = new RecentEdits();
    edits.opened('a.ts', text);
    edits.opened('b.ts', text);
    edits.settled('a.ts', changed([10, 'x']));
    edits.settled('b.ts', changed([50, 'y']));
    edits.settled('a.ts', changed([10, 'x'], [90, 'z']));
    edits.settled('a.ts', changed([10, 'x'], [90, 'zz']));
    expect(edits.all(nowhere)).toEqual([
      { path: 'a.ts', text: ' line 89\n-line 90\n+zz\n line 91' },
      { path: 'b.ts', text: ' line 49\n-line 50\n+y\n line 51' },
      { path: 'a.ts', text: ' line 9\n-line 10\n+x\n line 11' },
    ]);
  });

  it('leave out what stands at the cursor, and what was taken back', () => {
    const edits = new RecentEdits();
    edits.opened('a.ts', text);
    edits.settled('a.ts', changed([10, 'x'], [90, 'z']));
    expect(edits.all({ path: 'a.ts', line: 95 })).toHaveLength(1);
    expect(edits.all({ path: 'b.ts', line: 95 })).toHaveLength(2);
    edits.settled('a.ts', text);
    expect(edits.all(nowhere)).toEqual([]);
  });

  it('begin anew when a document was rewritten', () => {
    const edits = new RecentEdits();
    edits.opened('a.ts', text);
    edits.settled('a.ts', text.replaceAll('line', 'row'));
    expect(edits.all(nowhere)).toEqual([]);
    edits.settled('a.ts', text.replaceAll('line', 'row').replace('row 7\n', ''));
    expect(edits.all(nowhere)).toHaveLength(1);
  });

  it('remember a bounded number of documents, and none that is huge', () => {
    const edits = new RecentEdits();
    edits.opened('huge.ts', 'x'.repeat(editLimits.documentChars + 1));
    for (let count = 0; count <= editLimits.documents; count++) edits.opened(`${count}.ts`, text);
    edits.settled('huge.ts', 'x');
    edits.settled('0.ts', changed([1, 'x']));
    edits.settled('9.ts', changed([1, 'x']));
    expect(edits.all(nowhere).map(({ path }) => path)).toEqual(['9.ts']);
  });
});

describe('importedSymbols', () => {
  it.each([
    ['typescript', `import { a, type B, c as d } from './x';\nimport E from "e";`, 'a B d E'],
    ['typescript', `import * as vs from 'vscode';\nimport F, { g } from 'f';`, 'vs F g'],
    ['typescript', `import {\n  one,\n  two,\n} from 'x';\nconst from = 1;`, 'one two'],
    [
      'python',
      'from os.path import join, split as cut  # c\nfrom x import (a,\n  b)',
      'join cut a b',
    ],
    ['java', 'import java.util.List;\nimport static a.B.c;', 'List c'],
    ['rust', 'use std::fmt::Display;\npub use crate::{a, b as c};', 'Display a c'],
    ['plaintext', `import { a } from './x';`, ''],
  ])('%s: %j', (language, source, expected) => {
    const symbols = importedSymbols(source, language);
    expect(symbols.map(({ name }) => name).join(' ')).toBe(expected);
    for (const { name, line, character } of symbols) {
      expect(source.split('\n')[line]?.slice(character)).toMatch(new RegExp(`^${name}\\b`));
    }
  });

  it('are chosen by use near the cursor', () => {
    const symbols = importedSymbols(`import { a, b, c } from 'x';`, 'typescript');
    const near = usedNear(symbols, ['c(b, c)', 'aa'], 2);
    expect(near.map(({ name }) => name)).toEqual(['c', 'b']);
  });
});

describe('extracts', () => {
  it('show lines around a place', () => {
    expect(around('a\r\nb\nc\nd\ne', 2, 3)).toBe('b\nc\nd');
    expect(around('a\nb\nc', 0, 2)).toBe('a\nb');
    expect(around('a\nb\nc', 2, 2)).toBe('b\nc');
  });

  it.each([
    ['export function f(\n  a: number,\n): string {\n  return "";\n}\nnext', 0, 5],
    ['  x: number;\n  y: string;', 0, 1],
    ['def f(a):\n    return a\n\nclass B:', 0, 2],
    ['type A =\n  | B\n  | C;\nconst x = 1;', 0, 3],
    ['one', 5, 0],
  ])('cut %j as one definition', (source, line, lines) => {
    const definition = definitionAt(source, line);
    expect(definition).toBe(
      source
        .split('\n')
        .slice(line, line + lines)
        .join('\n'),
    );
  });
});

describe('withTimeout', () => {
  it('gives up in time, and takes a failure for no answer', async () => {
    const clock = new ManualClock();
    const never = withTimeout(new Promise<string>(() => undefined), 100, clock);
    clock.advance(100);
    expect(await never).toBeUndefined();
    expect(await withTimeout(Promise.resolve('x'), 100, clock)).toBe('x');
    expect(await withTimeout(Promise.reject(new Error('no')), 100, clock)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});
