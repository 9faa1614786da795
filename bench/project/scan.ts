/**
 * How long a large project takes to scan, parse and rank in the worker thread, and what it costs in memory.
 *
 *     npm run bench:scan -- [--files 10000]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { OutlineThread } from '../../src/project/outlineThread.ts';
import { projectFile } from './generatedTree.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '10000' } } });
const nFiles = Number(values.files);
const worker = resolve(import.meta.dirname, '../../dist/outlineWorker.mjs');

const folder = mkdtempSync(join(tmpdir(), 'warmfork-scan-'));
const root = join(folder, 'project');
const cacheFile = join(folder, 'facts.json');
try {
  const bytes = writeTree();
  console.log(`${nFiles} files, ${(bytes / 1024 ** 2).toFixed(1)} MiB`);
  await measureAll();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  let thread = new OutlineThread(worker);
  await measure('first scan', thread);
  await measure('again, nothing changed', thread);
  edit(1);
  await measure('again, one file edited', thread);
  edit(100);
  await measure('again, a hundred files edited', thread);
  await thread.close();
  thread = new OutlineThread(worker);
  await measure('after a restart, facts from their file', thread);
  await thread.close();
  console.log(`facts file: ${(statSync(cacheFile).size / 1024 ** 2).toFixed(1)} MiB`);
  console.log(`memory at its peak: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

async function measure(what: string, thread: OutlineThread): Promise<void> {
  const folders = [{ name: 'project', path: root }];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const started = performance.now();
  const outline = await thread.outline(
    { folders, cacheFile, maxSignatureChars: 8192 * 6 },
    { filesExclude: [] },
  );
  const ms = performance.now() - started;
  delay.disable();
  console.log(
    `${what}: ${(ms / 1000).toFixed(2)} s, ${outline.parsed} of ${outline.files.length} parsed; ` +
      `longest pause of the main thread ${(delay.max / 1e6).toFixed(0)} ms, ` +
      `resident ${(process.memoryUsage().rss / 1024 ** 2).toFixed(0)} MiB`,
  );
}

function writeTree(): number {
  let bytes = 0;
  for (let at = 0; at < nFiles; at++) {
    const { path, text } = projectFile(at, nFiles);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    bytes += text.length;
  }
  return bytes;
}

function edit(count: number): void {
  for (let at = 0; at < count; at++) {
    const { path, text } = projectFile(at * 7, nFiles);
    writeFileSync(join(root, path), `${text}\n// edited ${count}\n`);
  }
}
