/** VS Code's language ids of source files, by extension. */
const byExtension: Readonly<Record<string, string>> = {
  ...{ ts: 'typescript', mts: 'typescript', cts: 'typescript', tsx: 'typescriptreact' },
  ...{ js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascriptreact' },
  ...{ py: 'python', pyi: 'python', go: 'go', rs: 'rust', java: 'java', cs: 'csharp' },
  ...{ c: 'c', h: 'cpp', cc: 'cpp', cpp: 'cpp', cxx: 'cpp', hh: 'cpp', hpp: 'cpp', hxx: 'cpp' },
  ...{ ipp: 'cpp', cu: 'cuda-cpp', cuh: 'cuda-cpp', mm: 'objective-cpp', m: 'objective-c' },
  ...{ rb: 'ruby', php: 'php', kt: 'kotlin', kts: 'kotlin', swift: 'swift', scala: 'scala' },
  ...{ groovy: 'groovy', dart: 'dart', lua: 'lua', ex: 'elixir', exs: 'elixir', jl: 'julia' },
  ...{ fs: 'fsharp', fsx: 'fsharp', vb: 'vb', pl: 'perl', pm: 'perl', r: 'r', hs: 'haskell' },
  ...{ nim: 'nim', zig: 'zig', sol: 'solidity', proto: 'proto3', graphql: 'graphql' },
  ...{ gql: 'graphql', sql: 'sql', vue: 'vue', svelte: 'svelte', astro: 'astro', erl: 'erlang' },
  ...{ ml: 'ocaml', mli: 'ocaml', elm: 'elm', clj: 'clojure', ps1: 'powershell' },
  ...{ sh: 'shellscript', bash: 'shellscript', zsh: 'shellscript', fish: 'shellscript' },
};

/** The language of a source file, judged by its name; undefined for what is no source file. */
export function languageOf(path: string): string | undefined {
  const extension = /\.([^./]+)$/u.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}
