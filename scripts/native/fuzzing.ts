import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../lib/paths.ts';
import { run, type RunResult } from '../lib/processes.ts';
import { buildCppTests } from './cppTests.ts';

/** The targets, with the most a single allocation may take: about the size of the small context they load into. */
export const fuzzTargets = [
  { name: 'validate', allocationLimitMiB: 1 },
  { name: 'load', allocationLimitMiB: 2 },
] as const;

export type FuzzTarget = (typeof fuzzTargets)[number];

export interface FuzzBuild {
  /** With libFuzzer inputs are chosen by coverage, under ASan and UBSan; without it they are mutated blindly. */
  readonly compiler: string | undefined;
  readonly folder: string;
}

/** Builds the targets with libFuzzer where a clang has it, otherwise as plain programs. */
export async function buildFuzzTargets(): Promise<FuzzBuild> {
  const compiler = await findFuzzingClang();
  const targets = fuzzTargets.map(({ name }) => `fuzz_${name}`);
  if (compiler === undefined) {
    return { compiler, folder: await buildCppTests({ folder: 'cmake-tests', targets }) };
  }
  const options = [
    `-DCMAKE_C_COMPILER=${compiler.replace('clang++', 'clang')}`,
    `-DCMAKE_CXX_COMPILER=${compiler}`,
    '-DWARMFORK_FUZZ=ON',
    '-DWARMFORK_SANITIZE=fuzzer-no-link,address,undefined',
  ];
  return { compiler, folder: await buildCppTests({ folder: 'cmake-fuzz', options, targets }) };
}

async function findFuzzingClang(): Promise<string | undefined> {
  const versions = ['', '-20', '-19', '-18', '-17', '-16', '-15', '-14'];
  const folder = mkdtempSync(join(tmpdir(), 'warmfork-clang-'));
  try {
    for (const version of versions) {
      const output = join(folder, 'probe');
      const source = inRoot('native', 'test', 'fuzz', 'libfuzzer_probe.cpp');
      const args = ['-fsanitize=fuzzer,address', source, '-o', output];
      if ((await run(`clang++${version}`, args)).code === 0) return `clang++${version}`;
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Replays the corpus of a target and goes on for some seconds. A finding is a bad exit code; its input is kept. */
export async function fuzz(
  build: FuzzBuild,
  target: FuzzTarget,
  seconds: number,
): Promise<RunResult> {
  const program = join(build.folder, 'test', 'fuzz', `fuzz_${target.name}`);
  const corpus = inRoot('native', 'test', 'corpus', target.name);
  if (build.compiler === undefined) return run(program, ['--seconds', String(seconds), corpus]);

  mkdirSync(inRoot('test-results'), { recursive: true });
  const found = mkdtempSync(join(tmpdir(), 'warmfork-fuzz-'));
  const args = [
    `-max_total_time=${seconds}`,
    '-max_len=65536',
    `-malloc_limit_mb=${target.allocationLimitMiB}`,
    '-verbosity=0',
    '-print_final_stats=1',
    `-artifact_prefix=${inRoot('test-results')}/fuzz-${target.name}-`,
  ];
  try {
    const replayed = await run(program, ['-runs=0', ...args.slice(1), corpus]);
    return replayed.code === 0 ? await run(program, [...args, found, corpus]) : replayed;
  } finally {
    rmSync(found, { recursive: true, force: true });
  }
}
