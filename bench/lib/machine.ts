/** What a measured number depends on besides the program. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import process from 'node:process';
import { versionOf } from '../../scripts/lib/build.ts';
import { root } from '../../scripts/lib/paths.ts';

export interface MachineFacts {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly llama: string;
  readonly model: string;
  readonly commit: string;
  readonly date: string;
  /** One-minute load when the run began; what else was running shows here. */
  readonly loadAtStart: number;
}

export function machineFacts(model: string): MachineFacts {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    processors: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    node: process.version,
    llama: versionOf('node-llama-cpp'),
    model: basename(model),
    commit: commit(),
    date: new Date().toISOString(),
    loadAtStart: loadavg()[0] ?? 0,
  };
}

function commit(): string {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim();
  } catch {
    return 'unknown';
  }
}
