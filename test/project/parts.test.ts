import { describe, expect, test } from 'vitest';

import { extractStart, withoutDecoration } from '../../src/project/extract.ts';
import { findImports } from '../../src/project/findImports.ts';
import { importGraph } from '../../src/project/importGraph.ts';

describe('an extract', () => {
  const limits = { maxChars: 10_000, maxLines: 6 };

  test('is the whole text when that fits', () => {
    expect(extractStart('a\nb\n', limits)).toBe('a\nb\n');
  });

  test('ends before a heading rather than after it', () => {
    expect(
      extractStart('# A\n\ntext\ntext\n## B\n\nmore\nmore\n', { ...limits, maxLines: 5 }),
    ).toBe('# A\n\ntext\ntext\n');
  });

  test('ends before a code block that does not fit', () => {
    const text = 'intro\n\nmore\n\n```sh\none\ntwo\nthree\n```\n';
    expect(extractStart(text, limits)).toBe('intro\n\nmore\n');
  });

  test('ends at a line when paragraphs are too long', () => {
    expect(extractStart('line\n'.repeat(20), limits)).toBe('line\n'.repeat(6));
  });

  test('is empty when not one line fits', () => {
    expect(extractStart('x'.repeat(50), { maxChars: 10, maxLines: 5 })).toBe('');
  });

  test('has no badges, pictures or comments', () => {
    const text =
      '<p align="center"><img src="x"></p>\n\n# T\n[![a](b)](c) ![d](e)\n<!-- x\ny -->\ntext\n';
    expect(withoutDecoration(text)).toBe('# T\n\ntext\n');
  });
});

describe('imports', () => {
  /** How much of a mention a file gets from all others. */
  const mentionsOf = (files: Readonly<Record<string, string>>, path: string): number => {
    const imports = Object.entries(files).map(([name, text]) => [name, findImports(text)] as const);
    const targets = [...importGraph(new Map(imports)).values()];
    return targets.reduce((sum, shares) => sum + (shares.get(path) ?? 0), 0);
  };

  test.each([
    ['src/a.ts', "import { a } from './a.ts';", 'src/b.ts'],
    ['src/a.ts', "import type { A } from '../src/a.js';", 'lib/b.ts'],
    ['src/a.ts', "} from './a';", 'src/b.ts'],
    ['src/a/index.ts', "export * from './a';", 'src/b.ts'],
    ['src/a.js', "const a = require('./a');", 'src/b.js'],
    ['src/alpha.ts', "import { x } from '@/alpha';", 'lib/b.ts'],
    ['pkg/alpha.py', 'from pkg.alpha import thing', 'main.py'],
    ['pkg/alpha/__init__.py', 'import pkg.alpha', 'main.py'],
    ['include/alpha.h', '#include "alpha.h"', 'src/b.c'],
    ['src/alpha.rs', 'use crate::alpha::Thing;', 'src/b.rs'],
    ['src/alpha.rs', 'mod alpha;', 'src/main.rs'],
    ['a/Alpha.java', 'import org.example.Alpha;', 'b/B.java'],
    ['internal/alpha/alpha.go', '\t"example.org/x/internal/alpha"', 'cmd/b.go'],
    ['lib/alpha.rb', "require_relative '../lib/alpha'", 'test/b.rb'],
    ['src/Alpha.cs', 'using Example.Alpha;', 'src/B.cs'],
  ])('%s is mentioned by %s', (target, line, from) => {
    expect(mentionsOf({ [target]: 'x', [from]: line }, target)).toBe(1);
  });

  test.each([
    ['src/string.cpp', '#include <string>'],
    ['test.ts', "import { test } from 'vitest';"],
    ['data.json', "import data from './data.json';"],
    ['src/a.ts', '// talks about a'],
  ])('%s is not mentioned by %s', (target, line) => {
    expect(mentionsOf({ [target]: 'x', 'other.ts': line }, target)).toBe(0);
  });

  test('a file does not mention itself, and namesakes share a mention', () => {
    expect(mentionsOf({ 'a.py': 'import a' }, 'a.py')).toBe(0);
    expect(
      mentionsOf({ 'x/util.py': '', 'y/util.py': '', 'm.py': 'import util' }, 'x/util.py'),
    ).toBe(0.5);
  });
});
