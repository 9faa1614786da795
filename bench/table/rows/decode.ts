/** A token of a long answer beside llama-bench's: the same batch of one token, as deep, on as many threads. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EngineSupervisor } from '../../../src/client/engineSupervisor.ts';
import { runOrThrow } from '../../../scripts/lib/processes.ts';
import type { ResultRow } from '../../lib/result.ts';
import type { Bench } from '../part.ts';
import { orMissing } from '../peer.ts';
import { makeProject, warm, withWindow, type Project } from '../project.ts';
import { measuredRow } from '../row.ts';

const peer = 'llama-bench';

interface Answer {
  /** From one token to the next. */
  readonly tokenMs: number;
  /** Tokens before the first of the answer. */
  readonly depth: number;
  readonly decodesPerToken: number;
}

export async function decodePart(bench: Bench): Promise<ResultRow[]> {
  const project = withBase(makeProject(bench, 'decode'), bench.quick ? 256 : 1024);
  return withWindow(project, async (engine) => {
    await warm(engine);
    await answer(engine, bench, -1); // warms up
    const answers: Answer[] = [];
    const half = Math.ceil(bench.runs / 2);
    for (let run = 0; run < half; run++) answers.push(await answer(engine, bench, run));
    const alone = await llamaBench(bench, answers[0]?.depth ?? 0);
    for (let run = half; run < bench.runs; run++) answers.push(await answer(engine, bench, run));
    return rows(answers, alone);
  });
}

function rows(answers: readonly Answer[], alone: readonly number[]): ResultRow[] {
  return [
    measuredRow({
      ...{ name: 'decode speed while generating: a token of an answer', unit: 'ms' },
      ours: answers.map(({ tokenMs }) => tokenMs),
      peers: { [peer]: alone },
      ...{ against: peer, goal: { kind: 'ratio', atLeast: 0.97 } },
    }),
    measuredRow({
      ...{ name: 'decodes for a token of an answer, with its prompt and its end', unit: 'calls' },
      ours: answers.map(({ decodesPerToken }) => decodesPerToken),
      goal: { kind: 'atMost', value: 1.2 },
    }),
  ];
}

/** A chat's answer: nothing ends it but its length. What is done behind it is awaited, not measured. */
async function answer(engine: EngineSupervisor, bench: Bench, run: number): Promise<Answer> {
  const chatId = `decode-${run}`;
  const messages = [{ role: 'user', content: `Explain the project in ${run + 3} ways.` }] as const;
  const before = await engine.counters();
  const asked = { chatId, messages, maxTokens: answerTokens(bench), isPrivate: true };
  const { stats } = await engine.chat(asked, () => undefined);
  await engine.closeChat(chatId); // when what ends the turn is evaluated
  const { decodeCalls } = await engine.counters();
  const { generated, totalMs, firstTokenMs, promptTokens } = stats;
  return {
    tokenMs: (totalMs - firstTokenMs) / (generated - 1),
    depth: promptTokens,
    decodesPerToken: (decodeCalls - before.decodeCalls) / generated,
  };
}

/** Milliseconds for each token; none where it is not there. */
async function llamaBench(bench: Bench, depth: number): Promise<readonly number[]> {
  const program = join(dirname(bench.llamaServer ?? ''), 'llama-bench');
  if (bench.llamaServer === undefined || !existsSync(program)) return [];
  const args = [
    ...['--model', bench.model, '--threads', String(bench.threads), '--flash-attn', '1'],
    ...['--n-prompt', '0', '--n-gen', String(answerTokens(bench)), '--n-depth', String(depth)],
    ...['--repetitions', String(bench.runs), '--output', 'json'],
  ];
  const measured = await orMissing(bench, peer, async () => {
    const output = await runOrThrow(program, args);
    const json = output.slice(output.indexOf('\n[') + 1, output.lastIndexOf(']') + 1);
    return JSON.parse(json) as readonly { readonly samples_ts: readonly number[] }[];
  });
  return measured?.[0]?.samples_ts.map((perSecond) => 1000 / perSecond) ?? [];
}

function answerTokens({ quick }: Bench): number {
  return quick ? 16 : 48;
}

function withBase({ path, params }: Project, baseTokens: number): Project {
  return { path, params: { ...params, settings: { ...params.settings, baseTokens } } };
}
