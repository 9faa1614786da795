/**
 * What a request takes above its decodes: host → engine → host, prompt, tokens, fork, scheduler, sampling's surroundings,
 * filters. Each asks at a character that was just typed, as most requests do.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../../scripts/lib/paths.ts';
import type { EngineSupervisor } from '../../../src/client/engineSupervisor.ts';
import type { ResultRow } from '../../lib/result.ts';
import { quantile, sum } from '../../lib/statistics.ts';
import { decodesIn, decodesVariable } from '../decodes.ts';
import type { Bench } from '../part.ts';
import { makeProject, requestAt, warm, withWindow, type Project } from '../project.ts';
import { measuredRow } from '../row.ts';

const typed = 'text.split(separator).filter((line) => line.startsWith(String(prefix)))';

interface Timed {
  readonly wallMs: number;
  readonly decodeMs: number;
  readonly decodes: number;
}

export async function overheadPart(bench: Bench): Promise<ResultRow[]> {
  const project = makeProject(bench, 'overhead');
  const path = join(bench.folder, 'decodes');
  writeFileSync(path, '');
  const requests = await withWindow(project, (engine) => typeAll(engine, project, path, bench), {
    engineModule: inRoot('bench/table/timedEngine.ts'),
    execArgv: ['--import', 'tsx'],
    env: { [decodesVariable]: path },
  });
  return rowsOf(requests);
}

function rowsOf(requests: readonly Timed[]): ResultRow[] {
  const overhead = requests.map(({ wallMs, decodeMs }) => wallMs - decodeMs);
  return [
    measuredRow({
      ...{ name: 'request above its decodes, p50', unit: 'ms', ours: overhead },
      goal: { kind: 'atMost', value: 3 },
    }),
    measuredRow({
      ...{ name: 'request above its decodes, p95', unit: 'ms' },
      ...{ ours: [quantile(overhead, 0.95)], goal: { kind: 'atMost', value: 8 } },
    }),
    measuredRow({
      ...{ name: 'decodes of a request after a typed character', unit: 'calls' },
      ours: requests.map(({ decodes }) => decodes),
    }),
  ];
}

/** One request a character; the first, which evaluates the place, is not counted. */
async function typeAll(
  engine: EngineSupervisor,
  project: Project,
  path: string,
  { quick }: Bench,
): Promise<Timed[]> {
  await warm(engine);
  const place = requestAt(project, 0, 4);
  await engine.complete(place);
  const requests: Timed[] = [];
  for (const at of Array.from(typed.slice(0, quick ? 8 : 60)).keys()) {
    const prefix = place.prefix + typed.slice(0, at + 1);
    requests.push(await timedRequest(() => engine.complete({ ...place, prefix }), path));
  }
  return requests;
}

/** Decodes that begin after the answer (work in the background) are another request's, as they are for a person. */
async function timedRequest(ask: () => Promise<unknown>, path: string): Promise<Timed> {
  const before = decodesIn(path).length;
  const began = performance.now();
  await ask();
  const wallMs = performance.now() - began;
  const decodes = decodesIn(path).slice(before);
  return { wallMs, decodeMs: sum(decodes), decodes: decodes.length };
}
