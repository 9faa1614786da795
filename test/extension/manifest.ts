import { readFileSync } from 'node:fs';

export interface Setting {
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
  };
}

const file = new URL('../../package.json', import.meta.url);

export const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
