import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file that is typed into. */
export const shownFile = 'src/users.ts';

const users = `import { Cache } from './cache.ts';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly email?: string;
  readonly createdAt: Date;
}

const users = new Map<string, User>();
const recent = new Cache<string, User>(100);

/** By email address. */
`;

const cache = `export class Cache<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      const first = this.#entries.keys().next().value;
      this.#entries.delete(first);
    }
  }
}
`;

const lines = `export function parseLine(line: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < line.length) {
    const end = line.indexOf(',', start);
    if (end === -1) {
      parts.push(line.slice(start));
      break;
    }
    parts.push(line.slice(start, end));
    start = end + 1;
  }
  return parts;
}
`;

const files: Readonly<Record<string, string>> = {
  'README.md': '# Users\n\nKeeps users, and finds them again.\n',
  'AGENTS.md': 'Small functions. Nothing is mutable that need not be.\n',
  'package.json': JSON.stringify({ name: 'users', version: '1.0.0', type: 'module' }, null, 2),
  'tsconfig.json': JSON.stringify(
    { compilerOptions: { strict: true, allowImportingTsExtensions: true, noEmit: true } },
    null,
    2,
  ),
  [shownFile]: users,
  'src/cache.ts': cache,
  'src/parseLine.ts': lines,
};

/** A small project whose code is of the kind that the stand-in model has seen. Replaces what is in the folder. */
export function makeProject(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
