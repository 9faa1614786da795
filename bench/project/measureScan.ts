/**
 * One project of a given size, scanned in the worker thread as the engine does; prints what each scan took as JSON. In a
 * process of its own, whose memory is then the scan's.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { inRoot } from '../../scripts/lib/paths.ts';
import { OutlineThread } from '../../src/project/outlineThread.ts';
import { projectFile } from './generatedTree.ts';
import type { ScanCost, ScanCosts } from './scanCosts.ts';

const [parent = '', count = '100'] = process.argv.slice(2);
const nFiles = Number(count);
const folder = mkdtempSync(join(parent, 'scan-'));
const root = join(folder, 'project');
const cacheFile = join(folder, 'facts.json');
/** What was written a moment ago counts as changing; in a project that somebody opens nothing was. */
const settleMs = 3_500;

async function measureAll(): Promise<ScanCosts> {
  writeTree();
  await sleep(settleMs);
  const idleMiB = process.memoryUsage().rss / 1024 ** 2;
  const thread = newThread();
  const first = await measure(thread);
  const same = await measure(thread);
  edit();
  const edited = await measure(thread);
  await thread.close();
  const again = newThread();
  const restarted = await measure(again);
  await again.close();
  const peakMiB = process.resourceUsage().maxRSS / 1024 - idleMiB;
  return { nFiles, first, same, edited, restarted, peakMiB };
}

function newThread(): OutlineThread {
  return new OutlineThread(inRoot('dist', 'outlineWorker.mjs'));
}

async function measure(thread: OutlineThread): Promise<ScanCost> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const [began, processor] = [performance.now(), process.cpuUsage()];
  const { parsed, read } = await thread.outline(
    { folders: [{ name: 'project', path: root }], cacheFile, maxSignatureChars: 8192 * 6 },
    { filesExclude: [] },
  );
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(processor);
  delay.disable();
  return { ms, processorMs: (user + system) / 1000, parsed, read, pauseMs: delay.max / 1e6 };
}

function writeTree(): void {
  for (let at = 0; at < nFiles; at++) {
    const { path, text } = projectFile(at, nFiles);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function edit(): void {
  const { path, text } = projectFile(0, nFiles);
  writeFileSync(join(root, path), `${text}\n// edited\n`);
}

try {
  console.log(JSON.stringify(await measureAll()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
