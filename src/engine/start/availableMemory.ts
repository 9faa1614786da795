/** How much memory this process may still take, files that are only mapped left out: they go when others need room. */
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

export interface AvailableMemory {
  readonly bytes: number;
  /** Who says so, in words that follow "of memory are available". */
  readonly where: string;
  /** Mapped files count too. */
  readonly withFiles: boolean;
}

/** The tightest of all limits that can be found. Never rejects: what cannot be read limits nothing. */
export async function availableMemory(): Promise<AvailableMemory> {
  const found =
    process.platform === 'linux'
      ? [await ofMachine(), await ofControlGroups(), await ofAddressSpace()]
      : [withoutFiles()];
  const limits = found.filter((one) => one !== undefined);
  return limits.sort((a, b) => a.bytes - b.bytes)[0] ?? withoutFiles();
}

/** macOS keeps little memory free on purpose, so that what is free says nothing there. */
function withoutFiles(): AvailableMemory {
  const bytes = process.platform === 'darwin' ? totalmem() * 0.75 : freemem();
  return { bytes, where: 'on this machine', withFiles: false };
}

async function ofMachine(): Promise<AvailableMemory | undefined> {
  const kiB = /^MemAvailable:\s+(\d+) kB$/mu.exec(await read('/proc/meminfo'))?.[1];
  if (kiB === undefined) return undefined;
  return { bytes: Number(kiB) * 1024, where: 'on this machine', withFiles: false };
}

/** Text of the files of one control group; empty where there is none. */
export interface ControlGroupFiles {
  readonly limit: string;
  readonly usage: string;
  readonly stat: string;
}

/** Undefined without a limit. Both versions: the names in `memory.stat` differ. */
export function leftInControlGroup({ limit, usage, stat }: ControlGroupFiles): number | undefined {
  const max = Number.parseInt(limit, 10);
  // The old version has a number of pages that no machine has for "no limit".
  if (!Number.isFinite(max) || max >= Number.MAX_SAFE_INTEGER) return undefined;
  const count = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(stat)?.[1] ?? 0);
  const files = Math.max(count('file'), count('total_cache')) - count('shmem');
  const used = Math.max(0, (Number.parseInt(usage, 10) || 0) - Math.max(0, files));
  return Math.max(0, max - used);
}

export interface ControlGroup {
  readonly directory: string;
  readonly version: 1 | 2;
}

/** The directories of the control groups this process is in, by `/proc/self/cgroup`. */
export function controlGroups(selfText: string): readonly ControlGroup[] {
  return selfText.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/u.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') return upwards('/sys/fs/cgroup', path, 2);
    const isMemory = controllers?.split(',').includes('memory') === true;
    return isMemory ? upwards('/sys/fs/cgroup/memory', path, 1) : [];
  });
}

/** A group is limited by all those it lies in; in a container the outer ones may not be there. */
function upwards(root: string, path: string, version: 1 | 2): ControlGroup[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, n) => ({
    directory: join(root, ...parts.slice(0, parts.length - n)),
    version,
  }));
}

async function ofControlGroups(): Promise<AvailableMemory | undefined> {
  const left: number[] = [];
  for (const { directory, version } of controlGroups(await read('/proc/self/cgroup'))) {
    const [limit, usage] =
      version === 2
        ? ['memory.max', 'memory.current']
        : ['memory.limit_in_bytes', 'memory.usage_in_bytes'];
    const bytes = leftInControlGroup({
      limit: await read(join(directory, limit)),
      usage: await read(join(directory, usage)),
      stat: await read(join(directory, 'memory.stat')),
    });
    if (bytes !== undefined) left.push(bytes);
  }
  if (left.length === 0) return undefined;
  return { bytes: Math.min(...left), where: 'in this container', withFiles: false };
}

/** What threads and Node's heaps reserve without using it; measured. */
const reservedBytes = 1024 ** 3;

/** `ulimit -v` counts what is mapped or reserved as well as what is used. */
async function ofAddressSpace(): Promise<AvailableMemory | undefined> {
  const limit = /^Max address space\s+(\d+)/mu.exec(await read('/proc/self/limits'))?.[1];
  const usedKiB = /^VmSize:\s+(\d+) kB$/mu.exec(await read('/proc/self/status'))?.[1];
  if (limit === undefined) return undefined;
  const bytes = Math.max(0, Number(limit) - Number(usedKiB ?? 0) * 1024 - reservedBytes);
  return { bytes, where: 'to this process (ulimit -v)', withFiles: true };
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
