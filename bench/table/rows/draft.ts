/** Generation with drafts beside generation without: a text that repeats its prompt, a new one, and random tokens. */
import { readFileSync } from 'node:fs';
import { inRoot } from '../../../scripts/lib/paths.ts';
import type { Context, Model } from '../../../native/index.d.ts';
import { Drafting } from '../../../src/engine/draft/drafting.ts';
import { loadLlamaLibrary } from '../../../src/engine/native/loadLlama.ts';
import type { ResultRow } from '../../lib/result.ts';
import { replay, type Place, type Replayed } from '../draftReplay.ts';
import { promptTokens } from '../llamaServer.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const kinds = ['repeats its prompt', 'is new', 'is random'] as const;
type Kind = (typeof kinds)[number];

interface Pair {
  readonly drafted: Replayed;
  readonly without: Replayed;
}

/** Prompt and answer in tokens. */
function lengths({ quick }: Bench): { prompt: number; answer: number } {
  return quick ? { prompt: 300, answer: 64 } : { prompt: 768, answer: 160 };
}

export async function draftPart(bench: Bench): Promise<ResultRow[]> {
  const { native } = await loadLlamaLibrary({ gpu: false });
  const model = await native.Model.load({ path: bench.model, gpuLayers: 0, useMmap: true });
  const nThreads = bench.threads;
  const context = await native.Context.create(model, {
    ...{ nCtx: 2048, nBatch: 512, nUbatch: 512, nSeqMax: 2 },
    ...{ nThreads, nThreadsBatch: nThreads, kvType: 'f16', swaFull: true },
  });
  try {
    return await measure(bench, model, context);
  } finally {
    await context.close();
    await model.close();
  }
}

async function measure(bench: Bench, model: Model, context: Context): Promise<ResultRow[]> {
  const source = sourceTokens(model, 'src/engine/inference/decoder.ts', lengths(bench).prompt);
  const place = await prefilled(context, source);
  const { answer } = lengths(bench);
  const texts: Record<Kind, readonly number[]> = {
    'repeats its prompt': edited(source, answer),
    'is new': sourceTokens(model, 'src/base/format.ts', answer),
    'is random': promptTokens(answer, model.info.nVocab),
  };
  const [auto, off] = [new Drafting(), new Drafting()];
  auto.mode = 'auto'; // what it learns from one text it takes to the next, as in an engine
  await replay(place, texts['is random'], off); // warms up
  const pairs = new Map<Kind, Pair[]>(kinds.map((kind) => [kind, []]));
  for (let run = 0; run < bench.runs; run++)
    for (const kind of kinds) {
      const without = await replay(place, texts[kind], off);
      const drafted = await replay(place, texts[kind], auto);
      pairs.get(kind)?.push({ drafted, without });
    }
  return kinds.flatMap((kind) => rowsOf(kind, pairs.get(kind) ?? [], texts[kind].length));
}

function rowsOf(kind: Kind, pairs: readonly Pair[], tokens: number): ResultRow[] {
  const perToken = ({ ms }: Replayed): number => ms / tokens;
  const repeats = kind === 'repeats its prompt';
  return [
    measuredRow({
      ...{ name: `drafts: a token of a text that ${kind}`, unit: 'ms' },
      ours: pairs.map(({ drafted }) => perToken(drafted)),
      peers: { 'without drafts': pairs.map(({ without }) => perToken(without)) },
      against: 'without drafts',
      // What never drafts is as fast as itself, as far as that can be measured.
      goal: { kind: 'ratio', atLeast: repeats ? 1 : 0.97 },
    }),
    measuredRow({
      ...{ name: `drafts: decodes for a token of a text that ${kind}`, unit: 'calls' },
      ours: pairs.map(({ drafted }) => drafted.decodes / tokens),
      peers: { 'without drafts': pairs.map(({ without }) => without.decodes / tokens) },
    }),
  ];
}

/** All but the last token in sequence 0. */
async function prefilled(context: Context, prompt: readonly number[]): Promise<Place> {
  const began = performance.now();
  const known = prompt.slice(0, -1);
  for (let at = 0; at < known.length; at += 256) {
    const tokens = Int32Array.from(known.slice(at, at + 256));
    await context.decode([{ sequence: 0, position: at, tokens }]);
  }
  return { context, prompt, msPerToken: (performance.now() - began) / known.length };
}

function sourceTokens(model: Model, path: string, count: number): readonly number[] {
  const text = readFileSync(inRoot(path), 'utf8');
  const tokens = Array.from(model.tokenize(text, { parseSpecial: false }));
  if (tokens.length < count) throw new Error(`${path} has only ${tokens.length} tokens`);
  return tokens.slice(0, count);
}

/** As an assistant gives a file back: with a change here and there. */
function edited(source: readonly number[], count: number): readonly number[] {
  const every = 40;
  return source.slice(0, count).map((token, at) => (at % every === every - 1 ? token + 1 : token));
}
