import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** True where system calls can be traced. */
export function canTraceNetwork(): boolean {
  return process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;
}

/** Which addresses a process and all its descendants tried to reach. */
export class NetworkTrace {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Stands before a command line. strace watches from the side and stops the processes only at these calls. */
  get prefix(): readonly string[] {
    return [
      ...['strace', '-D', '--seccomp-bpf', '-f', '-qq'],
      ...['-e', 'trace=connect,sendto', '-o', this.#file],
    ];
  }

  /** Every attempt so far to reach an internet address, as strace tells it. */
  attempts(): string[] {
    if (!existsSync(this.#file)) return [];
    return internetCalls(readFileSync(this.#file, 'utf8'));
  }

  /** Those of the attempts that went to another machine. */
  abroad(): string[] {
    return this.attempts().filter((line) => !isHere(line));
  }
}

function internetCalls(trace: string): string[] {
  return trace.split('\n').filter((line) => line.includes('sa_family=AF_INET'));
}

function isHere(line: string): boolean {
  return /inet_addr\("127\.|"::1"|"::ffff:127\./.test(line);
}
