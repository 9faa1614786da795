/**
 * A second consumer of the project's tokens: chat after a completion. Beside it llama-server and node-llama-cpp with the
 * same numbers of tokens, each consumer on a slot or sequence of its own. (A second window is a row of the windows part.)
 */
import type { ResultRow } from '../../lib/result.ts';
import { askServer, promptTokens, serverName, withServer } from '../llamaServer.ts';
import { askNodeLlama, nodeLlamaName } from '../nodeLlamaCpp.ts';
import type { Bench } from '../part.ts';
import { makeProject, requestAt, warm, withWindow } from '../project.ts';
import { measuredRow } from '../row.ts';

interface SecondUse {
  /** Base tokens that the chat made evaluate again. */
  readonly baseEvaluated: number;
  /** Of the chat's prompt. */
  readonly evaluated: number;
  readonly ms: number;
  readonly baseTokens: number;
  readonly chatTokens: number;
  readonly vocabularyTokens: number;
}

interface PeerUse {
  readonly evaluated: number;
  readonly ms: number;
}

export async function secondPart(bench: Bench): Promise<ResultRow[]> {
  const ours: SecondUse[] = [];
  for (let run = 0; run < bench.runs; run++) ours.push(await chatAfterCompletion(bench, run));
  const prompts = promptsLike(ours[0]!);
  const server = await serverAfterCompletion(bench, prompts);
  const nodeLlama = await askNodeLlama(bench, { kind: 'second', prompts });
  const peer = (key: keyof PeerUse) => ({
    peers: {
      [serverName]: server === undefined ? [] : [server[key]],
      [nodeLlamaName]: nodeLlama === undefined ? [] : [nodeLlama[key]],
    },
    against: serverName,
  });
  return [
    measuredRow({
      ...{ name: 'chat after a completion: base tokens evaluated again', unit: 'tokens' },
      ours: ours.map((one) => one.baseEvaluated),
      goal: { kind: 'atMost', value: 0 },
    }),
    measuredRow({
      ...{ name: 'chat after a completion: prompt tokens evaluated', unit: 'tokens' },
      ...{ ours: ours.map((one) => one.evaluated), ...peer('evaluated') },
    }),
    measuredRow({
      ...{ name: 'chat after a completion: first token', unit: 'ms' },
      ...{ ours: ours.map((one) => one.ms), ...peer('ms') },
    }),
  ];
}

/** The base comes from the disk after the first run: what it cost is not what is asked here. */
function chatAfterCompletion(bench: Bench, run: number): Promise<SecondUse> {
  const project = makeProject(bench, 'second');
  return withWindow(project, async (engine) => {
    await warm(engine);
    await engine.complete(requestAt(project, run, 1));
    const before = await engine.counters();
    const messages = [{ role: 'user', content: `What does linesOf${run} do?` }] as const;
    const asked = { chatId: `chat-${run}`, messages, maxTokens: 1, isPrivate: true };
    const began = performance.now();
    const { stats } = await engine.chat(asked, () => undefined);
    const ms = performance.now() - began;
    const after = await engine.counters();
    const { base, model } = engine.status;
    return {
      baseEvaluated: after.baseTokensEvaluated - before.baseTokensEvaluated,
      evaluated: stats.evaluated,
      ms,
      baseTokens: base?.tokens ?? 0,
      chatTokens: stats.promptTokens - (base?.tokens ?? 0),
      vocabularyTokens: model?.vocabularyTokens ?? 0,
    };
  });
}

/** As many tokens for a completion and for a chat, both on the same base. */
function promptsLike({
  baseTokens,
  chatTokens,
  vocabularyTokens,
}: SecondUse): [number[], number[]] {
  const base = promptTokens(baseTokens, vocabularyTokens);
  const above = (seed: number): number[] => promptTokens(chatTokens, vocabularyTokens, seed);
  return [
    [...base, ...above(baseTokens)],
    [...base, ...above(2 * baseTokens)],
  ];
}

function serverAfterCompletion(
  bench: Bench,
  [completion, chat]: readonly [number[], number[]],
): Promise<PeerUse | undefined> {
  return withServer(bench, { slots: 2 }, async (server) => {
    await askServer(server, 0, completion);
    const began = performance.now();
    const { evaluated } = await askServer(server, 1, chat);
    return { evaluated, ms: performance.now() - began };
  });
}
