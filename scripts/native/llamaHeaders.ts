import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LlamaHeaders {
  /** Release of llama.cpp that the pinned node-llama-cpp ships, e.g. `v0.5.0`. */
  readonly release: string;
  /** With llama.h and ggml.h. */
  readonly includeDirs: readonly string[];
}

/** The bundle holds the sources of exactly the release that the prebuilt libraries were made from. */
const FOLDERS = ['include', 'ggml/include'] as const;
const SINGLE_FILES = ['ggml/src/ggml-backend-impl.h', 'ggml/src/ggml-impl.h', 'LICENSE'] as const;

/** Copies the headers out of the package once for each release, into `build/llama-headers`. */
export function extractLlamaHeaders(root: string): LlamaHeaders {
  const packageDir = join(root, 'node_modules', 'node-llama-cpp', 'llama');
  const release = readRelease(packageDir);
  const target = join(root, 'build', 'llama-headers');
  const stamp = join(target, 'release.txt');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== release) {
    rmSync(target, { recursive: true, force: true });
    copyFromBundle(join(packageDir, 'gitRelease.bundle'), target);
    writeFileSync(stamp, release);
  }
  return { release, includeDirs: FOLDERS.map((folder) => join(target, folder)) };
}

function readRelease(packageDir: string): string {
  const file = join(packageDir, 'binariesGithubRelease.json');
  const { release } = JSON.parse(readFileSync(file, 'utf8')) as { release: string };
  return release;
}

function copyFromBundle(bundle: string, target: string): void {
  const clone = mkdtempSync(join(tmpdir(), 'warmfork-llama-'));
  try {
    git(['clone', '--quiet', '--no-checkout', bundle, clone]);
    git(['-C', clone, 'checkout', '--quiet', 'HEAD', '--', ...FOLDERS, ...SINGLE_FILES]);
    for (const path of [...FOLDERS, ...SINGLE_FILES]) {
      mkdirSync(join(target, path, '..'), { recursive: true });
      cpSync(join(clone, path), join(target, path), { recursive: true });
    }
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

function git(args: readonly string[]): void {
  const result = spawnSync('git', args, { encoding: 'utf8' });
  if (result.error !== undefined) {
    throw new Error(`git is needed to unpack the headers of llama.cpp: ${result.error.message}`);
  }
  if (result.status !== 0) {
    throw new Error(`git ${args.join(' ')} failed.\n${result.stderr}`);
  }
}
