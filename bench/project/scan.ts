/**
 * How long a large project takes to scan, parse and rank in the worker thread, and what it costs in memory.
 *
 *     npm run bench:scan -- [--files 10000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureProject } from './measureProject.ts';
import type { ScanCost } from './scanCosts.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '10000' } } });

function show(what: string, { ms, processorMs, parsed, read, pauseMs }: ScanCost): void {
  const times = `${(ms / 1000).toFixed(2)} s, processor ${(processorMs / 1000).toFixed(2)} s`;
  const pause = `longest pause of the main thread ${pauseMs.toFixed(0)} ms`;
  console.log(`${what}: ${times}, ${read} read, ${parsed} parsed; ${pause}`);
}

const folder = mkdtempSync(join(tmpdir(), 'warmfork-scan-'));
try {
  const costs = await measureProject(folder, Number(values.files));
  console.log(`${costs.nFiles} files`);
  show('first scan', costs.first);
  show('again, nothing changed', costs.same);
  show('again, one file edited', costs.edited);
  show('after a restart, facts from their file', costs.restarted);
  console.log(`memory at its peak: ${costs.peakMiB.toFixed(0)} MiB more than before`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
