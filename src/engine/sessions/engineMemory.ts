import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { EngineMemory } from '../../protocol/sessions.ts';

/** What this process takes of the machine's memory: on Linux without what is only a view of a file. */
export async function engineMemory(): Promise<EngineMemory> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kilobytes = /^RssAnon:\s+(\d+) kB$/mu.exec(status)?.[1];
  if (kilobytes !== undefined) return { bytes: Number(kilobytes) * 1024, kind: 'private' };
  return { bytes: process.memoryUsage.rss(), kind: 'resident' };
}
