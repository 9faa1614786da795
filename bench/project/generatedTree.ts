/** A made-up project of any size: the same files each time, in seven languages, with imports among them. */

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** One of `total` files; each imports three others, small numbers more often than large ones. */
export function projectFile(at: number, total: number): GeneratedFile {
  const kind = kinds[at % kinds.length] ?? kinds[0];
  const targets = [1, 2, 3].map((n) => Math.floor(((at * 7919 * n) % total) ** 0.8));
  const functions = Array.from({ length: 12 }, (_, n) => kind.declare(`step${n}`, at));
  const imports = targets.map((target) => kind.import(stem(target), folderOf(target)));
  const text = [...kind.before, ...imports, '', ...functions].join('\n');
  return { path: `${folderOf(at)}/${stem(at)}.${kind.extension}`, text: `${text}\n` };
}

function stem(at: number): string {
  return `Unit${at}`;
}

function folderOf(at: number): string {
  return `src/area${at % 23}/part${at % 211}`;
}

interface Kind {
  readonly extension: string;
  readonly before: readonly string[];
  readonly import: (stem: string, folder: string) => string;
  readonly declare: (name: string, at: number) => string;
}

const braces = '  const total = input.length * 2;\n  return total > 3 ? total : 3;\n';

const kinds: readonly [Kind, ...Kind[]] = [
  {
    extension: 'ts',
    before: ['/** Part of a generated project. */'],
    import: (one, folder) => `import { step1 as from${one} } from '../../../${folder}/${one}.ts';`,
    declare: (name, at) =>
      `export interface ${name}Options${at} {\n  readonly size: number;\n  readonly label?: string;\n}\n\n` +
      `export function ${name}(input: string, options: ${name}Options${at}): number {\n${braces}}\n`,
  },
  {
    extension: 'py',
    before: ['"""Part of a generated project."""'],
    import: (one, folder) => `from ${folder.replaceAll('/', '.')} import ${one}`,
    declare: (name) =>
      `class ${name}:\n    def __init__(self, size: int) -> None:\n        self.size = size\n\n` +
      `    def run(self, value: str) -> int:\n        return len(value) * self.size\n`,
  },
  {
    extension: 'go',
    before: ['package part', ''],
    import: (one, folder) => `import "example.org/${folder}/${one}"`,
    declare: (name) =>
      `type T${name} struct {\n\tSize int\n}\n\nfunc (t *T${name}) Run(value string) (int, error) {\n\treturn len(value) * t.Size, nil\n}\n`,
  },
  {
    extension: 'rs',
    before: ['//! Part of a generated project.'],
    import: (one) => `use crate::${one};`,
    declare: (name) =>
      `pub struct T${name} {\n    pub size: usize,\n}\n\nimpl T${name} {\n    pub fn run(&self, value: &str) -> usize {\n        value.len() * self.size\n    }\n}\n`,
  },
  {
    extension: 'java',
    before: ['package org.example.part;', ''],
    import: (one) => `import org.example.${one};`,
    declare: (name) =>
      `class T${name} {\n  private final int size = 1;\n  public int run(String value) {\n    return value.length() * size;\n  }\n}\n`,
  },
  {
    extension: 'cpp',
    before: ['#include <string>'],
    import: (one, folder) => `#include "../../../${folder}/${one}.cpp"`,
    declare: (name) =>
      `class T${name} {\n public:\n  int run(const std::string &value) const { return value.size() * size_; }\n private:\n  int size_ = 1;\n};\n`,
  },
  {
    extension: 'kt',
    before: ['package org.example.part', ''],
    import: (one) => `import org.example.${one}`,
    declare: (name) =>
      `class T${name}(val size: Int) {\n    fun run(value: String): Int {\n        return value.length * size\n    }\n}\n`,
  },
];
