/**
 * On which machines an addon for Linux can be loaded: it must not need newer system libraries than node-llama-cpp's own
 * libraries do, nor instructions that only some processors have.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../lib/processes.ts';
import type { Target } from './targets.ts';

/** The newest symbol version needed of each kind: `GLIBC` → `2.34`. */
export type Needs = ReadonlyMap<string, string>;

const kinds = ['GLIBC', 'GLIBCXX', 'CXXABI'];

/** Throws an error that says what is too new. Other systems than Linux have no such versions. */
export async function checkPortability(
  target: Target,
  addon: string,
  libraries: string,
): Promise<void> {
  if (target.platform === 'linux') {
    const problems = aboveFloor(await needsOf(addon), await floorOf(libraries));
    if (problems.length > 0) {
      throw new Error(
        `${addon} needs ${problems.join(', ')}: node-llama-cpp's libraries run on older systems. Build it on an older one.`,
      );
    }
  }
  const instructions = await beyondBaseline(target, addon);
  if (instructions.length > 0) {
    throw new Error(
      `${addon} has instructions that not every ${target.arch} processor has: ${instructions.join(', ')}`,
    );
  }
}

/** What a file needs of the system's libraries. */
export async function needsOf(file: string): Promise<Needs> {
  return parseNeeds(await runOrThrow('readelf', ['--version-info', '--wide', file]));
}

/** What the prebuilt libraries of a folder need together. */
export async function floorOf(folder: string): Promise<Needs> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /\.(so[.\d]*|node)$/.test(name));
  const all = await Promise.all(files.map((name) => needsOf(join(folder, name))));
  return newest(all.flatMap((needs) => [...needs]));
}

/** From `readelf --version-info`. */
export function parseNeeds(output: string): Needs {
  const found = output.matchAll(/Name: ([A-Z]+)_([\d.]+)/g);
  return newest([...found].map(([, kind = '', version = '']): [string, string] => [kind, version]));
}

function newest(versions: readonly (readonly [string, string])[]): Needs {
  const needs = new Map<string, string>();
  for (const [kind, version] of versions) {
    if (!kinds.includes(kind)) continue;
    if (compareVersions(version, needs.get(kind) ?? '0') > 0) needs.set(kind, version);
  }
  return needs;
}

/** What of `needs` is newer than the floor: `GLIBC 2.38 (floor 2.34)`. */
export function aboveFloor(needs: Needs, floor: Needs): string[] {
  return [...needs]
    .filter(([kind, version]) => compareVersions(version, floor.get(kind) ?? '0') > 0)
    .map(([kind, version]) => `${kind} ${version} (floor ${floor.get(kind) ?? 'none'})`);
}

function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Instructions beyond what the platform's baseline has: SSE2 on x64, no NEON on 32-bit ARM. */
async function beyondBaseline(target: Target, addon: string): Promise<string[]> {
  if (target.arch === 'x64' && target.platform !== 'darwin') {
    return x64Extensions(await runOrThrow('objdump', ['-d', '--no-show-raw-insn', addon]));
  }
  if (target.name === 'linux-armhf') {
    const attributes = await runOrThrow('readelf', ['--arch-specific', addon]);
    return /Tag_Advanced_SIMD_arch: .*/.exec(attributes)?.slice(0, 1) ?? [];
  }
  return [];
}

/** AVX and its kin (`v…` on vector registers), and what came with SSE3 to SSE4.2, in a disassembly. */
export function x64Extensions(disassembly: string): string[] {
  const pattern =
    /^\s+[\da-f]+:\t(v[a-z\d]+(?=\s+.*%[xyz]mm)|pshufb|palignr|pmulld|pextr[bdq]|pinsr[bdq]|crc32[bwlq]?|popcnt[wlq]?|pclmul\w*|aes\w+|sha256\w+)\s/gm;
  return [...new Set([...disassembly.matchAll(pattern)].map(([, name = '']) => name))];
}
