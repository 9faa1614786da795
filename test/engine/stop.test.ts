import { describe, expect, it } from 'vitest';
import { StopRules, type StopOptions } from '../../src/engine/stop/stopRules.ts';
import { suggestionKind } from '../../src/engine/stop/suggestionKind.ts';
import { enclosingBlockEnd } from '../../src/engine/stop/syntaxEnd.ts';
import { loadGrammar } from '../../src/syntax/grammars.ts';

interface Case {
  readonly document?: string;
  readonly languageId?: string;
  readonly change?: Partial<StopOptions>;
}

/** Feeds text in small pieces, as generation does, and gives what belongs to the suggestion in the end. */
async function suggested(text: string, { document = '║', languageId = 'plaintext', change }: Case) {
  const [prefix = '', suffix = ''] = document.split('║');
  const rules = new StopRules({ prefix, suffix, languageId, ...change });
  for (let end = 1; end <= text.length; end++) {
    const stopped = rules.stop(text.slice(0, end));
    await new Promise(setImmediate); // the next token is on its way
    if (stopped) return { text: await rules.finish(text.slice(0, end), false), taken: end };
  }
  return { text: await rules.finish(text, false), taken: text.length };
}

describe('StopRules', () => {
  it.each<[name: string, text: string, expected: string, Case]>([
    ['one line ends at the line end', 'foo();\nbar();\n', 'foo();', { document: 'a ║' }],
    ['trailing white space is dropped', 'foo();  \n', 'foo();', { document: 'a ║' }],
    ['white space alone is nothing', '   \n', '', { document: 'a ║' }],
    [
      'a line comment ends with its line',
      ' b\n// c\n',
      ' b',
      { document: '// a║', languageId: 'go' },
    ],
    [
      'a block comment ends with its end',
      ' b\n * c\n */\nf()\n',
      ' b\n * c\n */',
      { document: '/**\n * a║', languageId: 'go' },
    ],
    [
      'a doc string too',
      ' b.\n  """\n  x = 1\n',
      ' b.\n  """',
      { document: 'def f():\n  """A║', languageId: 'python' },
    ],
    [
      'a comment that is closed below goes on for a line',
      ' b\n * c',
      ' b',
      { document: '/**\n * a║\n */\n', languageId: 'go' },
    ],
    ['a block goes over lines', 'a\nb\nc', 'a\nb\nc', {}],
    ['a block ends at an empty line', 'a\nb\n\nc\nd\n', 'a\nb', {}],
    [
      'an empty line inside of something deeper does not end it',
      'f() {\n  a\n\n  b\n}\n\nc\n',
      'f() {\n  a\n\n  b\n}',
      {},
    ],
    ['leading empty lines do not end a block', '\n\na\nb\n\nc\n', '\n\na\nb', {}],
    ['a block ends before what follows', 'a\nb\n}\nmore\n', 'a\nb', { document: '║\n}\n' }],
    ['a block is not endless', 'x\n'.repeat(50), 'x\n'.repeat(12).trimEnd(), {}],
    [
      'it ends where the indentation says so',
      'a\n    b\n  c\n',
      'a\n    b',
      { document: 'f:\n    ║' },
    ],
    ['with what closes it', 'a\n    b\n}\nc\n', 'a\n    b\n}', { document: 'f {\n    ║' }],
    [
      'but not when that stands below already',
      'a\n    b\n}\nc\n',
      'a\n    b',
      { document: 'f {\n    ║\n}\n' },
    ],
    ['nor with what goes on', 'a\n  } else {\n', 'a', { document: 'f {\n    ║' }],
    [
      'behind an opener the body is deeper',
      '\n  a\n  b\n}\nc\n',
      '\n  a\n  b\n}',
      { document: 'f {║' },
    ],
    [
      'of Python too',
      '\n  a\n  b\nc\n',
      '\n  a\n  b',
      { document: 'def f():║', languageId: 'python' },
    ],
    ['tabs are indentation', 'a\n\tb\nc\n', 'a\n\tb', { document: 'f:\n\t║' }],
  ])('%s', async (_, text, expected, change) => {
    expect((await suggested(text, change)).text).toBe(expected);
  });

  it('ends at a line end when the time is used up', async () => {
    let late = false;
    const rules = new StopRules({ prefix: '', suffix: '', languageId: 'x', isLate: () => late });
    expect(rules.stop('a\nb')).toBe(false);
    late = true;
    expect(rules.stop('\nb')).toBe(false);
    expect(rules.stop('a\nb')).toBe(true);
    expect(await rules.finish('a\nb', true)).toBe('a');
  });

  it('ends a suggestion that was cut at its last whole line, and keeps a line that has no other', async () => {
    const block = new StopRules({ prefix: '', suffix: '', languageId: 'x' });
    expect(await block.finish('a\nb', true)).toBe('a');
    expect(await block.finish('a\nb', false)).toBe('a\nb');
    expect(await block.finish('ab', true)).toBe('ab');
  });

  it('ends a block where its grammar says so, in spite of the indentation', async () => {
    await loadGrammar('typescript'); // otherwise it comes too late for the first tokens
    const document = 'class A {\n  f(a: number) {\n    return g(() => {\n      ║';
    const text = 'if (a) {\n        b();\n      }\n      });\n      c();\n  }\n';
    const { text: offered, taken } = await suggested(text, { document, languageId: 'typescript' });
    expect(offered).toBe('if (a) {\n        b();\n      }\n      });');
    expect(taken).toBeLessThan(text.length);
    const plain = await suggested(text, { document });
    expect(plain.text).not.toBe(offered);
  });
});

describe('enclosingBlockEnd', () => {
  it.each([
    ['typescript', 'function f() {\n  ║', 'a();\n}\nb();\n', 'a();\n}'],
    ['typescript', 'const a = {║', ' b: { c: 1 } };\nd\n', ' b: { c: 1 } };'],
    ['typescript', 'function f() {\n  ║', 'if (a) {\n    b();\n  }\n', undefined],
    ['typescript', 'const a = 1;\n║', 'function f() {\n}\n', undefined],
    ['typescript', 'const a = `${║', 'b}`;\n', undefined],
    ['go', 'func f() {\n\t║', 'a()\n}\n\nfunc g() {}\n', 'a()\n}'],
    ['rust', 'impl A {\n  fn f() {║', ' 1 }\n  fn g() {}\n', ' 1 }'],
    ['cpp', 'struct A {\n  int b = "😀é";\n  ║', 'int c;\n};\nint d;\n', 'int c;\n};'],
    ['java', 'class A { void f() {\n║', '}\nvoid g() {}\n}\n', '}'],
  ])('%s: %j', async (languageId, prefix, text, expected) => {
    const parser = await loadGrammar(languageId);
    const end = enclosingBlockEnd(parser!, prefix.replace('║', ''), text);
    expect(end === undefined ? undefined : text.slice(0, end)).toBe(expected);
  });
});

describe('suggestionKind', () => {
  it.each([
    ['  const x║\n', 'typescript', 'line'],
    ['    ║\nfoo', 'typescript', 'block'],
    ['║', 'typescript', 'block'],
    ['║);\n', 'typescript', 'line'],
    ['function f() {║\n', 'typescript', 'block'],
    ['const f = () =>║\n', 'typescript', 'block'],
    ['"function {║\n', 'typescript', 'line'],
    ['// function {║\n', 'typescript', 'line'],
    ['def f():║\n', 'python', 'block'],
    ['case a:║\n', 'typescript', 'line'],
    ['if a; then║\n', 'shellscript', 'block'],
    ['/* a\n║', 'typescript', 'comment'],
    ['/* a\n║\n */', 'typescript', 'line'],
    ['/* a\n║\n\n/* b */', 'typescript', 'comment'],
  ])('%j in %s: %s', (document, languageId, kind) => {
    const [prefix = '', suffix = ''] = document.split('║');
    expect(suggestionKind({ prefix, suffix, languageId }).kind).toBe(kind);
  });
});
