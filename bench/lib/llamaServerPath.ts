/** Where llama-server is: `LLAMA_SERVER`, else where `bench/build-llama-server.sh` puts it. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { runOrThrow } from '../../scripts/lib/processes.ts';
import { inRoot } from '../../scripts/lib/paths.ts';

/** Builds it when it is not there, which takes minutes. Rejects when `LLAMA_SERVER` names no file. */
export async function llamaServerPath(): Promise<string> {
  const named = process.env['LLAMA_SERVER'];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new Error(`LLAMA_SERVER names ${named}, which is not there`);
  }
  const output = await runOrThrow('bash', [inRoot('bench/build-llama-server.sh')]);
  return output.trim().split('\n').at(-1) ?? '';
}
