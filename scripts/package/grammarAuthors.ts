/** Who wrote the tree-sitter grammars: the package that holds them as WebAssembly has only its own licence. All are MIT. */

export interface GrammarAuthor {
  readonly repository: string;
  readonly copyright: string;
}

function author(repository: string, copyright: string): GrammarAuthor {
  return { repository, copyright };
}

const javascript = author('tree-sitter/tree-sitter-javascript', 'Copyright (c) 2014 Max Brunsfeld');
const typescript = author('tree-sitter/tree-sitter-typescript', 'Copyright (c) 2017 Max Brunsfeld');

/** By the name of the grammar. */
export const grammarAuthors: Readonly<Record<string, GrammarAuthor>> = {
  bash: author('tree-sitter/tree-sitter-bash', 'Copyright (c) 2017 Max Brunsfeld'),
  'c-sharp': author(
    'tree-sitter/tree-sitter-c-sharp',
    'Copyright (c) 2014-2023 Max Brunsfeld, Damien Guard, Amaan Qureshi, and contributors.',
  ),
  cpp: author('tree-sitter/tree-sitter-cpp', 'Copyright (c) 2014 Max Brunsfeld'),
  css: author('tree-sitter/tree-sitter-css', 'Copyright (c) 2018 Max Brunsfeld'),
  go: author('tree-sitter/tree-sitter-go', 'Copyright (c) 2014 Max Brunsfeld'),
  java: author('tree-sitter/tree-sitter-java', 'Copyright (c) 2017 Ayman Nadeem'),
  javascript,
  php: author(
    'tree-sitter/tree-sitter-php',
    'Copyright (c) 2017 Josh Vera, GitHub\nCopyright (c) 2019 Max Brunsfeld, Amaan Qureshi, Christian Frøystad, Caleb White',
  ),
  python: author('tree-sitter/tree-sitter-python', 'Copyright (c) 2016 Max Brunsfeld'),
  ruby: author('tree-sitter/tree-sitter-ruby', 'Copyright (c) 2016 Rob Rix'),
  rust: author('tree-sitter/tree-sitter-rust', 'Copyright (c) 2017 Maxim Sokolov'),
  tsx: typescript,
  typescript,
};

/** The MIT licence under a copyright line. */
export function mitText(copyright: string): string {
  return `The MIT License (MIT)

${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
}
