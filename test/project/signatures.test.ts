import { describe, expect, test } from 'vitest';

import { signaturesOf } from '../../src/project/signatures.ts';

/** Lines of a source file and of its signatures. */
const cases: Readonly<Record<string, readonly [source: readonly string[], expected: string[]]>> = {
  'a.ts': [
    [
      "import { b } from './b.ts';",
      '/** What it is. */',
      'export interface Options {',
      '  /** How many. */',
      '  readonly size: number; // here',
      '  label?: string;',
      '}',
      'export type Id = string & { readonly brand: unique symbol };',
      'export const limit = 5;',
      'export const table: ReadonlyMap<string, number> = new Map([["a very long entry", 1], ["b", 2]]);',
      'export const run = async (id: Id): Promise<void> => { await b(id); };',
      'const hidden = 1;',
      'function alsoHidden() {}',
      'export default class Box<T> extends Base implements Options {',
      '  static readonly count: number = 0;',
      '  #secret = 1;',
      '  private other = 2;',
      '  constructor(private readonly size: number) { super(); }',
      '  get value(): T { return this.read(); }',
      '  private read(): T { throw new Error(); }',
      '  async put(value: T): Promise<void> { this.#secret = 2; }',
      '}',
      'export enum Color { Red, Green }',
      "export { b } from './b.ts';",
    ],
    [
      'export interface Options {',
      '  readonly size: number;',
      '  label?: string;',
      '}',
      'export type Id = string & { readonly brand: unique symbol };',
      'export const limit = 5',
      'export const table: ReadonlyMap<string, number>',
      'export const run = async (id: Id): Promise<void>',
      'export default class Box<T> extends Base implements Options',
      '  static readonly count: number = 0',
      '  constructor(private readonly size: number)',
      '  get value(): T',
      '  async put(value: T): Promise<void>',
      'export enum Color { Red, Green }',
    ],
  ],
  'script.js': [
    ['function f(a) { return a; }', 'class A { m() {} #p() {} }', 'module.exports = { f };'],
    ['function f(a)', 'class A', '  m()'],
  ],
  'b.tsx': [
    ['export function View({ name }: Props) {', '  return <b>{name}</b>;', '}'],
    ['export function View({ name }: Props)'],
  ],
  'm.py': [
    [
      'import os',
      '@dataclass',
      'class A(B):',
      '    """Doc."""',
      '    size: int = 1',
      '    other = 2',
      '    def __init__(self, a: int) -> None:',
      '        self.a = a',
      '    def _private(self): pass',
      '    @property',
      '    def value(self): return 1',
      'async def fetch(url, *rest) -> int:',
      '    return 1',
      'def _hidden(): pass',
    ],
    [
      'class A(B)',
      '  size: int = 1',
      '  def __init__(self, a: int) -> None',
      '  def value(self)',
      'async def fetch(url, *rest) -> int',
    ],
  ],
  'm.go': [
    [
      'package x',
      '// T is.',
      'type T struct {',
      '\tSize int // in bytes',
      '}',
      'func (t *T) Run(a int) (int, error) { return 1, nil }',
      'func hidden() {}',
      'const Limit = 1',
      'var local = 2',
    ],
    [
      'type T struct {',
      '\tSize int',
      '}',
      'func (t *T) Run(a int) (int, error)',
      'const Limit = 1',
    ],
  ],
  'm.rs': [
    [
      'pub struct S { pub a: i32 }',
      'struct Hidden { a: i32 }',
      'pub trait T { fn run(&self) -> u8; }',
      'impl T for S { fn run(&self) -> u8 { 1 } }',
      'impl S { fn hidden(&self) {} pub fn new() -> S { S { a: 1 } } }',
      'pub const LIMIT: i32 = 1;',
    ],
    [
      'pub struct S { pub a: i32 }',
      'pub trait T',
      '  fn run(&self) -> u8',
      'impl T for S',
      '  fn run(&self) -> u8',
      'impl S',
      '  pub fn new() -> S',
      'pub const LIMIT: i32 = 1',
    ],
  ],
  'A.java': [
    [
      'package a;',
      'public class A extends B {',
      '  private int x;',
      '  public static final int Y = 1;',
      '  public A(int a) { super(a); }',
      '  public int f(String s) throws E { return 1; }',
      '}',
      'interface I { void f(); }',
    ],
    [
      'public class A extends B',
      '  public static final int Y = 1;',
      '  public A(int a)',
      '  public int f(String s) throws E',
      'interface I',
      '  void f()',
    ],
  ],
  'a.c': [
    ['static int hidden(void) { return 1; }', 'int shown(int a) { return a; }', 'typedef int id;'],
    ['int shown(int a)', 'typedef int id;'],
  ],
  'a.hpp': [
    [
      'namespace n {',
      'class A : public B {',
      '  int hidden;',
      ' public:',
      '  A();',
      '  int f(int a) const { return 1; }',
      ' private:',
      '  int alsoHidden();',
      '};',
      'template <class T> T id(T a) { return a; }',
      '}',
      'struct S { int a; };',
      '#ifdef X',
      'int in(void);',
      '#endif',
    ],
    [
      'class A : public B',
      '  A();',
      '  int f(int a) const',
      'template <class T> T id(T a)',
      'struct S { int a; }',
      'int in(void);',
    ],
  ],
  'A.cs': [
    [
      'namespace N {',
      'public class A : B {',
      '  private int x;',
      '  public int P { get; set; }',
      '  public A(int a) {}',
      '  public async Task<int> F(string s) { return 1; }',
      '}',
      'public interface I { void F(); }',
      '}',
    ],
    [
      'public class A : B',
      '  public int P',
      '  public A(int a)',
      '  public async Task<int> F(string s)',
      'public interface I',
      '  void F()',
    ],
  ],
  'a.rb': [
    [
      'module M',
      '  class A < B',
      '    attr_reader :a',
      '    def initialize(a)',
      '      @a = a',
      '    end',
      '    def self.build(b)',
      '    end',
      '    private',
      '    def hidden',
      '    end',
      '  end',
      'end',
    ],
    [
      'module M',
      '  class A < B',
      '    attr_reader :a',
      '    def initialize(a)',
      '    def self.build(b)',
    ],
  ],
  'a.php': [
    [
      '<?php',
      'namespace A;',
      'class B extends C {',
      '  private $x;',
      "  public function f(int $a): string { return ''; }",
      '  private function hidden() {}',
      '}',
      'function g($a) { }',
      'interface I { public function h(); }',
    ],
    [
      'class B extends C',
      '  public function f(int $a): string',
      'function g($a)',
      'interface I',
      '  public function h()',
    ],
  ],
  // No grammar: declarations are found by the look of their lines.
  'a.kt': [
    [
      'data class A(val x: Int) {',
      '    fun f(a: Int): Int {',
      '        return funny(a)',
      '    }',
      '}',
      'object Q',
    ],
    ['data class A(val x: Int)', '  fun f(a: Int): Int', 'object Q'],
  ],
  'a.ex': [
    ['defmodule A do', '  def run(x) do', '    define(x)', '  end', 'end'],
    ['defmodule A', ' def run(x)'],
  ],
  'a.lua': [['local function f(a)', '  return a', 'end'], ['local function f(a)']],
  'notes.md': [['# def nothing'], []],
};

describe('signatures', () => {
  test.each(Object.entries(cases))('of %s', async (path, [source, expected]) => {
    const text = await signaturesOf(path, `${source.join('\n')}\n`);
    expect(text.split('\n').slice(0, -1)).toEqual(expected);
  });

  test('do not change when only bodies and comments do', async () => {
    const before = await signaturesOf('a.ts', 'export function f(a: number) { return a; }\n');
    const after = 'export function f(a: number) {\n  // two lines\n  return a * 2;\n}\n';
    expect(await signaturesOf('a.ts', after)).toBe(before);
  });

  test('are found around a syntax error, and none in nonsense', async () => {
    const broken = 'export function good(): void {}\nexport const = = ;\nexport function b(';
    expect(await signaturesOf('a.ts', broken)).toContain('export function good(): void\n');
    expect(await signaturesOf('a.py', ')))((( %%% \u0000')).toBe('');
  });

  test('of a very long file or type are cut', async () => {
    const many = Array.from({ length: 500 }, (_, n) => `export const x${String(n)} = 1;`).join(
      '\n',
    );
    expect((await signaturesOf('a.ts', many)).split('\n')).toHaveLength(121);
    const members = Array.from({ length: 100 }, (_, n) => `  m${String(n)}: string;`).join('\n');
    const type = await signaturesOf('a.ts', `export interface A {\n${members}\n}\n`);
    expect(type.split('\n').slice(-3)).toEqual(['  m22: string;', '  …', '']);
  });
});
