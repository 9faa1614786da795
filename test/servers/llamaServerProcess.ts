/** A real llama-server, if `bench/build-llama-server.sh` has built one on this machine. Tests do not build it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import process from 'node:process';
import { inRoot } from '../../scripts/lib/paths.ts';
import { standInModel } from '../engine/engineFixture.ts';

/** Its path; undefined when it is not built. */
export function builtLlamaServer(): string | undefined {
  const named = process.env['LLAMA_SERVER'];
  if (named) return named;
  const facts = inRoot('node_modules/node-llama-cpp/llama/binariesGithubRelease.json');
  const { release } = JSON.parse(readFileSync(facts, 'utf8')) as { release: string };
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'warmfork', `llama-server-${release}`);
  const path = join(folder, 'build', 'bin', 'llama-server');
  return existsSync(join(folder, 'done')) && existsSync(path) ? path : undefined;
}

export class LlamaServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Resolves when the model is loaded: it says so, with its address. */
  static async start(program: string, options: readonly string[]): Promise<LlamaServerProcess> {
    const all = [
      ...['--model', standInModel, '--host', '127.0.0.1', '--port', '0'],
      ...['--ctx-size', '8192', '--parallel', '1', '--threads', '1', '--threads-batch', '1'],
      ...['--no-warmup', '--no-webui', ...options],
    ];
    const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (url === undefined || !/listening/.test(line)) continue;
      child.stderr.resume();
      return new LlamaServerProcess(child, url);
    }
    throw new Error(`llama-server ended:\n${said.slice(-20).join('\n')}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
