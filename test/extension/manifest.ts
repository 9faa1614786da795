import { readFileSync } from 'node:fs';

export interface Setting {
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: { readonly enum?: readonly unknown[] };
}

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly keybindings: readonly MenuItem[];
    readonly chatParticipants: readonly {
      readonly commands: readonly { readonly name: string }[];
    }[];
  };
}

const root = new URL('../../', import.meta.url);
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;

/** With every `%key%` replaced by its text, as VS Code shows it. */
export const manifest = JSON.parse(read('package.json'), (_, value: unknown) =>
  typeof value === 'string'
    ? value.replace(/^%(.+)%$/, (all, key: string) => texts[key] ?? all)
    : value,
) as Manifest;

function read(name: string): string {
  return readFileSync(new URL(name, root), 'utf8');
}
