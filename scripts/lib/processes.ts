import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './paths.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `inherit`: straight to the terminal. `collect` (default): returned, not shown. `both`: shown and returned. */
  readonly output?: 'inherit' | 'collect' | 'both';
}

export interface RunResult {
  readonly code: number;
  /** stdout and stderr in the order they came; empty with `inherit`. */
  readonly output: string;
}

/** Runs a command to its end. Never rejects for a bad exit code; a signal gives code 1, a missing program 127. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { output = 'collect' } = options;
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: output === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      chunks.push(chunk);
      if (output === 'both') process.stdout.write(chunk);
    });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: chunks.join('') }));
  });
}

/** Runs a command that must succeed; the error carries the end of its output. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  const tail = output.split('\n').slice(-40).join('\n');
  throw new Error(`${[command, ...args].join(' ')} failed with exit code ${code}\n${tail}`);
}

export function start(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  return spawn(command, args, options);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** Fields of /proc/PID/stat after the program's name: state, parent, … Undefined where there is no such process or no /proc. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The process and everything it started, as far as they are still its descendants. Linux; elsewhere only itself. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of allProcesses()) {
    const parent = Number(statFields(entry)?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), entry]);
  }
  const tree = [pid];
  for (const one of tree) tree.push(...(children.get(one) ?? []));
  return tree;
}

/** Ids of all processes. Linux; elsewhere none. */
export function allProcesses(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Command line of a process, or undefined. Linux. */
export function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

/**
 * Asks a process to end, waits for it and all of its descendants (an extension host gets 5 s for `deactivate`),
 * and kills what is left. Resolves to the ids that had to be killed.
 */
export async function endTree(pid: number, graceMs = 15_000): Promise<number[]> {
  const tree = processTree(pid);
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (tree.some(isAlive) && Date.now() < deadline) await delay(50);
  const left = tree.filter(isAlive);
  for (const one of left) signal(one, 'SIGKILL');
  return left;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what was wanted.
  }
}
