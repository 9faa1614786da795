import { describe, expect, it } from 'vitest';
import { loadGrammar } from '../../src/syntax/grammars.ts';

const samples: readonly [languageId: string, text: string][] = [
  ['typescript', 'export const f = (a: number): number => a + 1;\n'],
  ['typescriptreact', 'const a = <div title="x">{f<number>(1)}</div>;\n'],
  ['javascript', 'async function* f() { yield await g(); }\n'],
  ['javascriptreact', 'const a = <p>text</p>;\n'],
  ['python', 'def f(a: int) -> int:\n    return a + 1\n'],
  ['go', 'package main\n\nfunc f(a int) int { return a + 1 }\n'],
  ['rust', "fn f<'a>(a: &'a str) -> usize { a.len() }\n"],
  ['java', 'class A { int f(int a) { return a + 1; } }\n'],
  ['c', 'static int f(const int *a) { return a[0] + 1; }\n'],
  ['cpp', 'template <typename T> auto f(T a) { return a + 1; }\n'],
  ['csharp', 'class A { int F(int a) => a + 1; }\n'],
  ['ruby', 'def f(a)\n  a + 1\nend\n'],
  ['php', '<?php function f(int $a): int { return $a + 1; }\n'],
  ['shellscript', 'f() { echo "$1"; }\n'],
  ['css', 'a:hover { color: red; }\n'],
];

describe('loadGrammar', () => {
  it.each(samples)('parses %s', async (languageId, text) => {
    const parser = await loadGrammar(languageId);
    const tree = parser?.parse(text);
    expect(tree?.rootNode.hasError).toBe(false);
    expect(tree?.rootNode.endIndex).toBe(text.length);
    tree?.delete();
    const broken = parser?.parse(text.slice(0, Math.floor(text.length * 0.7)) + ' ) } ( <<< ');
    expect(broken?.rootNode.hasError).toBe(true);
    broken?.delete();
  });

  it('gives the same parser again, and none where there is no grammar', async () => {
    expect(await loadGrammar('tsx')).toBe(await loadGrammar('typescriptreact'));
    expect(await loadGrammar('plaintext')).toBeUndefined();
    expect(await loadGrammar('constructor')).toBeUndefined();
  });
});
