/**
 * Opening a window on a project that is known: process start, model load, restore, and the first token of a suggestion
 * in the file that was worked on. Beside it llama-server with as many tokens: after a restart, and with the slot restored
 * by hand.
 */
import { EventEmitter, once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSupervisor } from '../../../src/client/engineSupervisor.ts';
import type { EngineStatus } from '../../../src/protocol/status.ts';
import type { ResultRow } from '../../lib/result.ts';
import { askServer, promptTokens, serverName, slotFile, withServer } from '../llamaServer.ts';
import { askNodeLlama, nodeLlamaName } from '../nodeLlamaCpp.ts';
import type { Bench } from '../part.ts';
import { makeProject, requestAt, withWindow, type Project } from '../project.ts';
import { measuredRow } from '../row.ts';

/** llama-server's slot restore, asked for by hand, and node-llama-cpp's state file. */
const slotName = `${serverName}, slot restored`;
const stateName = `${nodeLlamaName}, state loaded`;

interface Opened {
  readonly ms: number;
  /** Until the engine process has answered for the first time. */
  readonly startedMs: number;
  /** Until the base serves. */
  readonly warmMs: number;
  readonly restoreMs: number;
  readonly baseEvaluated: number;
  readonly evaluated: number;
  readonly promptTokens: number;
  readonly vocabularyTokens: number;
}

interface PeerOpened {
  readonly ms: number;
  readonly evaluated: number;
}

export async function openPart(bench: Bench): Promise<ResultRow[]> {
  const project = makeProject(bench, 'open');
  const known = await openWindow(project); // evaluates the base and leaves it, and the file's session, on the disk
  const ours: Opened[] = [];
  for (let run = 0; run < bench.runs; run++) ours.push(await openWindow(project));
  const tokens = promptTokens(known.promptTokens, known.vocabularyTokens);
  const cold = await openServer(bench, tokens);
  const slot = await openServerWithSlot(bench, tokens);
  const state = await openNodeLlama(bench, tokens);
  return rowsOf(ours, { cold, slot, state });
}

interface Peers {
  readonly cold: readonly PeerOpened[];
  readonly slot: readonly PeerOpened[];
  readonly state: readonly PeerOpened[];
}

function rowsOf(ours: readonly Opened[], { cold, slot, state }: Peers): ResultRow[] {
  const ms = ours.map((one) => one.ms);
  const name = 'open a known project → first suggested token';
  return [
    measuredRow({
      ...{ name, unit: 'ms', ours: ms, peers: { [serverName]: cold.map((one) => one.ms) } },
      ...{ against: serverName, goal: { kind: 'ratio', atLeast: 20 } },
    }),
    measuredRow({
      ...{ name: `${name}, beside one restored by hand`, unit: 'ms', ours: ms },
      peers: {
        [slotName]: slot.map((one) => one.ms),
        [stateName]: state.map((one) => one.ms),
      },
      ...{ against: slotName, goal: { kind: 'ratio', atLeast: 2 } },
    }),
    measuredRow({
      ...{ name: 'of which until the engine process answers', unit: 'ms' },
      ours: ours.map((one) => one.startedMs),
    }),
    measuredRow({
      ...{ name: 'of which library, model, context and base', unit: 'ms' },
      ours: ours.map((one) => one.warmMs - one.startedMs),
    }),
    measuredRow({
      ...{ name: 'of which the request', unit: 'ms', ours: ours.map((one) => one.ms - one.warmMs) },
    }),
    measuredRow({
      ...{ name: 'of which the restore', unit: '%' },
      ours: ours.map((one) => (100 * one.restoreMs) / one.ms),
      goal: { kind: 'atMost', value: 5 },
    }),
    measuredRow({
      ...{ name: 'base tokens evaluated when a known project is opened', unit: 'tokens' },
      ours: ours.map((one) => one.baseEvaluated),
      goal: { kind: 'atMost', value: 0 },
    }),
    measuredRow({
      ...{ name: 'prompt tokens evaluated for that first suggestion', unit: 'tokens' },
      ours: ours.map((one) => one.evaluated),
      peers: {
        [serverName]: cold.map((one) => one.evaluated),
        [slotName]: slot.map((one) => one.evaluated),
        [stateName]: state.map((one) => one.evaluated),
      },
      against: serverName,
    }),
  ];
}

/** Asks as soon as the base serves; what the engine does of itself after that goes on beside it, as for a person. */
function openWindow(project: Project): Promise<Opened> {
  const began = performance.now();
  let startedMs = Number.NaN;
  const serves = new EventEmitter();
  const ready = once(serves, 'ready');
  const onStatus = ({ state, message = 'no reason given' }: EngineStatus): void => {
    if (state !== 'starting' && Number.isNaN(startedMs)) startedMs = performance.now() - began;
    if (state === 'ready') serves.emit('ready');
    if (state === 'failed') serves.emit('error', new Error(`no engine: ${message}`));
  };
  const use = async (engine: EngineSupervisor): Promise<Opened> => {
    await ready;
    serves.on('error', () => undefined); // what fails later fails a request
    const warmMs = performance.now() - began;
    const { stats } = await engine.complete(requestAt(project, 0, 1));
    const ms = performance.now() - began;
    const { base, model } = engine.status;
    return {
      ...{ ms, startedMs, warmMs },
      restoreMs: base?.ms ?? Number.NaN,
      baseEvaluated: (await engine.counters()).baseTokensEvaluated,
      evaluated: stats.evaluated,
      promptTokens: stats.promptTokens,
      vocabularyTokens: model?.vocabularyTokens ?? 0,
    };
  };
  return withWindow(project, use, { onStatus });
}

/** Evaluates all of the prompt, which takes half a minute: few runs say it. */
async function openServer(bench: Bench, tokens: readonly number[]): Promise<PeerOpened[]> {
  return repeat(Math.min(2, bench.runs), () => {
    const began = performance.now();
    return withServer(bench, { slots: 1 }, async (server) => {
      const { evaluated } = await askServer(server, 0, tokens);
      return { ms: performance.now() - began, evaluated };
    });
  });
}

async function openServerWithSlot(bench: Bench, tokens: readonly number[]): Promise<PeerOpened[]> {
  const savePath = join(bench.folder, 'slots');
  mkdirSync(savePath, { recursive: true });
  const options = { slots: 1, savePath };
  await withServer(bench, options, async (server) => {
    await askServer(server, 0, tokens);
    await slotFile(server, 'save', 'slot');
  });
  return repeat(bench.runs, () => {
    const began = performance.now();
    return withServer(bench, options, async (server) => {
      await slotFile(server, 'restore', 'slot');
      const { evaluated } = await askServer(server, 0, tokens);
      return { ms: performance.now() - began, evaluated };
    });
  });
}

async function openNodeLlama(bench: Bench, prompt: number[]): Promise<PeerOpened[]> {
  const path = join(bench.folder, 'node-llama-cpp.state');
  await askNodeLlama(bench, { kind: 'save', prompts: [prompt], path });
  return repeat(bench.runs, async () => {
    const answer = await askNodeLlama(bench, { kind: 'open', prompts: [prompt], path });
    return answer && { ms: answer.wholeMs, evaluated: answer.evaluated };
  });
}

/** Without what could not be measured. */
async function repeat<T>(times: number, measure: () => Promise<T | undefined>): Promise<T[]> {
  const all: T[] = [];
  for (let run = 0; run < times; run++) {
    const one = await measure();
    if (one !== undefined) all.push(one);
  }
  return all;
}
