/** THIRD_PARTY_NOTICES.txt: the licence of everything that a package holds and others wrote. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { bundleOptions } from '../../esbuild.mjs';
import { allGrammarNames } from '../../src/syntax/grammarFiles.ts';
import { inRoot } from '../lib/paths.ts';
import { grammarAuthors, mitText } from './grammarAuthors.ts';
import { llamaLicences } from './llamaLicences.ts';
import { packageOf } from './runtimePackages.ts';

export interface Notice {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
}

export interface Shipped {
  /** Folders of the packages that are copied. */
  readonly packages: readonly string[];
  /** The addon holds the compiler's runtime for Windows. */
  readonly mingw: boolean;
}

/** Throws for a package whose licence cannot be told: it must not be shipped then. */
export async function collectNotices({ packages, mingw }: Shipped): Promise<Notice[]> {
  const folders = [...packages, ...(await bundledPackages()), ...compiledIn];
  const notices = [
    ...folders.map(packageNotice),
    ...(await llamaLicences()),
    ...allGrammarNames().map(grammarNotice),
    ...(mingw ? [mingwNotice()] : []),
  ];
  const byName = new Map(notices.map((notice) => [`${notice.name}@${notice.version}`, notice]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function formatNotices(notices: readonly Notice[]): string {
  const line = '='.repeat(80);
  const parts = notices.map(
    ({ name, version, licence, text }) =>
      `${line}\n${name} ${version} (${licence})\n${line}\n\n${text.trim()}\n`,
  );
  return `Warmfork contains the following software of others, each under its own licence.\n\n${parts.join('\n')}`;
}

/** Headers in the addon, and the tree-sitter runtime, which is copied file by file. */
const compiledIn = [
  'node_modules/node-addon-api',
  'node_modules/node-api-headers',
  'node_modules/@vscode/tree-sitter-wasm',
].map((name) => inRoot(name));

/** Folders of the packages whose code is in our bundles. */
async function bundledPackages(): Promise<string[]> {
  const folders = new Set<string>();
  for (const options of bundleOptions({ production: true, outdir: 'unused' })) {
    const { metafile } = await esbuild.build({ ...options, write: false, metafile: true });
    const inputs = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules/'));
    for (const file of inputs) folders.add(inRoot(packageOf(file)));
  }
  return [...folders];
}

function packageNotice(folder: string): Notice {
  const manifest = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as PackageManifest;
  const { name, version, license = 'unknown' } = manifest;
  return { name, version, licence: license, text: licenceText(folder, manifest) };
}

function licenceText(folder: string, { name, license, author }: PackageManifest): string {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length > 0) {
    return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  }
  // Some packages name their licence and do not repeat it.
  const person = typeof author === 'string' ? author : author?.name;
  if (license === 'MIT') return mitText(`Copyright (c) ${person ?? `the authors of ${name}`}`);
  throw new Error(`${name} has no licence file, and ${license ?? 'no licence'} in its manifest`);
}

function grammarNotice(name: string): Notice {
  const author = grammarAuthors[name];
  if (author === undefined) throw new Error(`who wrote the grammar ${name}? (grammarAuthors.ts)`);
  const text = `Built from the repository ${author.repository}\n\n${mitText(author.copyright)}`;
  return { name: `tree-sitter-${name}`, version: 'wasm', licence: 'MIT', text };
}

/** What Debian says of the libraries that its MinGW links into a program. */
function mingwNotice(): Notice {
  const text = readFileSync('/usr/share/doc/mingw-w64-x86-64-dev/copyright', 'utf8');
  const exception =
    "The GNU compiler's own runtime libraries are under GPL-3.0 with the GCC Runtime Library Exception.";
  return {
    name: 'mingw-w64',
    version: 'runtime',
    licence: 'various',
    text: `${exception}\n\n${text}`,
  };
}
