/**
 * What a request takes above its decodes: host → engine → host, prompt, tokens, fork, scheduler, filters. Each asks at a
 * character that was just typed, as most requests do. And what a token of a long answer takes above its decode.
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

const answerTokens = 48;

interface Timed {
  readonly wallMs: number;
  readonly decodeMs: number;
  readonly decodes: number;
}

interface Generated {
  /** Of a token, from one to the next. */
  readonly tokenMs: number;
  /** Of these, `llama_decode` with its sampling. */
  readonly decodeMs: readonly number[];
}

export async function overheadPart(bench: Bench): Promise<ResultRow[]> {
  const project = makeProject(bench, 'overhead');
  const path = join(bench.folder, 'decodes');
  writeFileSync(path, '');
  const measure = async (engine: EngineSupervisor): Promise<ResultRow[]> => {
    await warm(engine);
    const requests = await typeAll(engine, project, path, bench);
    const generated: Generated[] = [];
    for (let run = 0; run < bench.runs; run++) generated.push(await generate(engine, path, run));
    return [...requestRows(requests), generationRow(generated)];
  };
  return withWindow(project, measure, {
    engineModule: inRoot('bench/table/timedEngine.ts'),
    execArgv: ['--import', 'tsx'],
    env: { [decodesVariable]: path },
  });
}

function requestRows(requests: readonly Timed[]): ResultRow[] {
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

function generationRow(generated: readonly Generated[]): ResultRow {
  return measuredRow({
    ...{ name: 'a token of a long answer, beside its decode alone', unit: 'ms' },
    ours: generated.map(({ tokenMs }) => tokenMs),
    peers: { llama_decode: generated.flatMap(({ decodeMs }) => decodeMs) },
    ...{ against: 'llama_decode', goal: { kind: 'ratio', atLeast: 0.97 } },
  });
}

/** One request a character; the first, which evaluates the place, is not counted. */
async function typeAll(
  engine: EngineSupervisor,
  project: Project,
  path: string,
  { quick }: Bench,
): Promise<Timed[]> {
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

/** A chat's answer: nothing ends it but its length. */
async function generate(engine: EngineSupervisor, path: string, run: number): Promise<Generated> {
  const before = decodesIn(path).length;
  const messages = [{ role: 'user', content: `Explain the project in ${run + 2} ways.` }] as const;
  const asked = { chatId: `long-${run}`, messages, maxTokens: answerTokens, isPrivate: true };
  const { stats } = await engine.chat(asked, () => undefined);
  const { generated, totalMs, firstTokenMs } = stats;
  // The first token's decode is the end of the prompt's.
  const decodeMs = decodesIn(path)
    .slice(before)
    .slice(-(generated - 1));
  // What ends the turn is evaluated behind it, and would be between the tokens of the next answer.
  await engine.closeChat(asked.chatId);
  return { tokenMs: (totalMs - firstTokenMs) / (generated - 1), decodeMs };
}
