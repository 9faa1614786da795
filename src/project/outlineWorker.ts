/**
 * The worker thread that scans and parses projects, off the threads on which people wait. Facts stay
 * in memory while the thread lives and in a file between runs.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';

import { FactsCache } from './factsCache.ts';
import { readFacts, writeFacts } from './factsFile.ts';
import { mapOrder } from './mapLayer.ts';
import { nodeProjectFiles } from './nodeProjectFiles.ts';
import { outlineProject, type ProjectOutline } from './outline.ts';
import type { OutlineAnswer, OutlineRequest } from './outlineMessages.ts';
import { ProjectError } from './projectError.ts';

const running = new Map<number, AbortController>();
const caches = new Map<string, Promise<FactsCache>>();

function serve(port: MessagePort): void {
  port.on('message', (request: OutlineRequest) => {
    if (request.kind === 'abort') running.get(request.id)?.abort();
    else void answer(request).then((message) => port.postMessage(message));
  });
}

type Work = Extract<OutlineRequest, { kind: 'outline' }>;

async function answer(work: Work): Promise<OutlineAnswer> {
  const { id } = work;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const outline = await outlineOf(work, controller.signal);
    return { kind: 'outline', id, outline: trimmed(outline, work.maxSignatureChars) };
  } catch (error) {
    const code = error instanceof ProjectError ? error.code : undefined;
    return { kind: 'failed', id, message: (error as Error).message, code };
  } finally {
    running.delete(id);
  }
}

async function outlineOf(work: Work, signal: AbortSignal): Promise<ProjectOutline> {
  const { cacheFile = '' } = work;
  let cache = caches.get(cacheFile);
  if (cache === undefined) caches.set(cacheFile, (cache = openCache(cacheFile)));
  const facts = await cache;
  const files = nodeProjectFiles(work.folders);
  const outline = await outlineProject(files, { ...work.options, signal }, facts);
  // A full disk or a read-only one only makes the next start slower.
  if (cacheFile !== '') await keep(cacheFile, facts).catch(() => undefined);
  return outline;
}

/**
 * The file is as large as the project is, so a few edits alone do not write it: at the next start as many files are read
 * again, at most one in a hundred.
 */
async function keep(file: string, cache: FactsCache): Promise<void> {
  const { known, seen, unwritten } = cache;
  if (unwritten * 100 <= known.size) return;
  await writeFacts(file, { facts: known, seen });
  cache.written();
}

async function openCache(file: string): Promise<FactsCache> {
  return new FactsCache(file === '' ? undefined : await readFacts(file));
}

/** Without signatures that have no chance to be in the map. */
function trimmed(outline: ProjectOutline, maxChars: number): ProjectOutline {
  const kept = new Set<string>();
  let nChars = 0;
  for (const { path, signatures } of mapOrder(outline.files)) {
    nChars += signatures.length;
    if (nChars > maxChars) break;
    kept.add(path);
  }
  const files = outline.files.map((file) =>
    kept.has(file.path) ? file : { ...file, signatures: '' },
  );
  return { ...outline, files };
}

if (parentPort !== null) serve(parentPort);
