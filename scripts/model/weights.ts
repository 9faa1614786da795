import { COPY, addCopyHeads, addPreviousTokenHeads, addRecentTokenHead } from './attention.ts';
import type { GgufTensor } from './gguf-writer.ts';
import type { Habits } from './habits.ts';
import { constantTensor, Matrix } from './matrix.ts';
import { Prng } from './prng.ts';
import { layoutOf, type Layout, type ModelShape } from './shape.ts';

/** The matrices of one layer, before they are encoded. */
export interface Layer {
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
  readonly o: Matrix;
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

/** What the parts of the model are built from. */
export interface Plan {
  readonly shape: ModelShape;
  readonly layout: Layout;
  /** The code of each token: signs. */
  readonly codes: readonly (readonly number[])[];
  /** About what the layer norms divide by. */
  readonly rms: number;
}

const BIGRAM = 0.7;
const TRIGRAM = 0.7;
const LOGIT_SCALE = 14;
/** Keeps unprintable tokens out: their logits lie this far below zero. */
const NEVER = 20;
const NOISE = 0.005;
/** How much the noise heads add, against 1 for a code. */
const STIR = 0.1;

/**
 * All tensors of the stand-in model. Its weights are set by hand so that it behaves a little like a
 * language model: it continues as the corpus does (embedding and feed-forward layers) and copies what
 * followed the same words earlier in the context (attention), so that every cached key and value
 * matters to what it writes. Everything else is seeded noise.
 */
export function makeTensors(shape: ModelShape, nVocab: number, habits: Habits): GgufTensor[] {
  const prng = new Prng(shape.seed);
  const layout = layoutOf(shape);
  const codes = Array.from({ length: nVocab }, () =>
    Array.from({ length: layout.code }, () => prng.sign()),
  );
  const plan: Plan = { shape, layout, codes, rms: expectedRms(shape, layout) };
  const layers = Array.from({ length: shape.layers }, (_, index) => noiseLayer(shape, prng, index));
  addHeads(plan, layers);
  addTrigrams(plan, layers, habits);
  return [
    makeEmbedding(plan, habits).addNoise(prng, NOISE).toTensor('token_embd.weight', 'q8_0'),
    constantTensor('output_norm.weight', shape.embd, 1),
    makeOutput(plan, habits).addNoise(prng, NOISE).toTensor('output.weight', 'q8_0'),
    ...layers.flatMap((layer, index) => layerTensors(layer, index, shape)),
  ];
}

/** Signs everywhere, the constant, and about half a code for what comes next. */
function expectedRms(shape: ModelShape, layout: Layout): number {
  const signs = 2 * layout.code + layout.twoBeforeLength;
  const constant = layout.constantLength * layout.constantValue * layout.constantValue;
  return Math.sqrt((signs + constant + layout.code / 2) / shape.embd);
}

/** Key/value heads of each layer whose weights are set by hand; the others are noise. */
const N_HAND_SET: readonly number[] = [2, 2, 1];

function noiseLayer(shape: ModelShape, prng: Prng, index: number): Layer {
  const { embd, ff, headDim, heads, kvHeads } = shape;
  const layer: Layer = {
    q: new Matrix(heads * headDim, embd),
    k: new Matrix(kvHeads * headDim, embd),
    v: new Matrix(kvHeads * headDim, embd),
    o: new Matrix(embd, heads * headDim),
    gate: new Matrix(ff, embd).addNoise(prng, NOISE),
    up: new Matrix(ff, embd).addNoise(prng, NOISE),
    down: new Matrix(embd, ff).addNoise(prng, NOISE),
  };
  for (let head = 0; head < heads; head++) addHeadNoise(shape, layer, prng, { index, head });
  return layer;
}

/** Noise for one query head, and for its keys and values if it is the first of its group. */
function addHeadNoise(
  { embd, headDim, heads, kvHeads }: ModelShape,
  layer: Layer,
  prng: Prng,
  { index, head }: { readonly index: number; readonly head: number },
): void {
  const group = heads / kvHeads;
  const kvHead = Math.floor(head / group);
  const isFirst = head % group === 0;
  const isHandSet = kvHead < (N_HAND_SET[index] ?? 0);
  const unit = 1 / Math.sqrt(embd);
  const rows = [head * headDim, (head + 1) * headDim] as const;
  layer.q.addNoise(prng, isHandSet && isFirst ? 0.02 * unit : unit, ...rows);
  if (isFirst) {
    const kvRows = [kvHead * headDim, (kvHead + 1) * headDim] as const;
    layer.k.addNoise(prng, isHandSet ? 0.02 * unit : 1.5 * unit, ...kvRows);
    layer.v.addNoise(prng, isHandSet ? 0.05 * unit : unit, ...kvRows);
  }
  if (isHandSet && isFirst) return;
  for (let row = 0; row < embd; row++) {
    for (let col = rows[0]; col < rows[1]; col++)
      layer.o.add(row, col, STIR * unit * prng.normal());
  }
}

function addHeads(plan: Plan, layers: readonly Layer[]): void {
  const [first, second, third] = layers;
  if (first !== undefined) addPreviousTokenHeads(plan, first);
  if (second !== undefined) addCopyHeads(plan, second);
  if (third !== undefined) addRecentTokenHead(plan, third);
}

function makeEmbedding({ shape, layout, codes }: Plan, habits: Habits): Matrix {
  const matrix = new Matrix(codes.length, shape.embd);
  codes.forEach((code, token) => {
    code.forEach((sign, i) => matrix.add(token, layout.here + i, sign));
    for (let i = 0; i < layout.constantLength; i++) {
      matrix.add(token, layout.constant + i, layout.constantValue);
    }
    // A token hardly ever follows itself.
    code.forEach((sign, i) => matrix.add(token, layout.next + i, -COPY * sign));
    for (const [next, weight] of habits.afterToken[token] ?? []) {
      codes[next]?.forEach((sign, i) => matrix.add(token, layout.next + i, BIGRAM * weight * sign));
    }
  });
  return matrix;
}

function makeOutput({ shape, layout, codes, rms }: Plan, habits: Habits): Matrix {
  const matrix = new Matrix(codes.length, shape.embd);
  const never = (-NEVER * rms) / (layout.constantLength * layout.constantValue);
  codes.forEach((code, token) => {
    if (habits.isWritten[token] === true) {
      const scale = (LOGIT_SCALE * rms) / layout.code;
      code.forEach((sign, i) => matrix.add(token, layout.next + i, scale * sign));
    } else {
      for (let i = 0; i < layout.constantLength; i++) {
        matrix.add(token, layout.constant + i, never);
      }
    }
  });
  return matrix;
}

/** One feed-forward neuron for each frequent pair of tokens; it answers with what follows them. */
function addTrigrams(plan: Plan, layers: readonly Layer[], habits: Habits): void {
  const { shape, layout, codes, rms } = plan;
  const later = layers.slice(layers.length > 1 ? 1 : 0);
  habits.afterPair.slice(0, later.length * shape.ff).forEach((pair, index) => {
    const layer = later[Math.floor(index / shape.ff)];
    const neuron = index % shape.ff;
    if (layer === undefined) return;
    // The gate is +open when both tokens are these, and well below zero when only one is.
    const open = 6;
    const slope = (open * rms) / (0.35 * layout.code);
    const constants = layout.constantLength * layout.constantValue;
    codes[pair.here]?.forEach((s, i) => layer.gate.add(neuron, layout.here + i, slope * s));
    codes[pair.before]?.forEach((s, i) => layer.gate.add(neuron, layout.before + i, slope * s));
    for (let i = 0; i < layout.constantLength; i++) {
      layer.gate.add(neuron, layout.constant + i, (-slope * 1.65 * layout.code) / constants);
      layer.up.add(neuron, layout.constant + i, rms / constants);
    }
    for (const [next, weight] of pair.followers) {
      codes[next]?.forEach((s, i) =>
        layer.down.add(layout.next + i, neuron, (TRIGRAM * weight * s) / open),
      );
    }
  });
}

function layerTensors(layer: Layer, index: number, shape: ModelShape): GgufTensor[] {
  const name = (part: string) => `blk.${index}.${part}.weight`;
  return [
    constantTensor(name('attn_norm'), shape.embd, 1),
    layer.q.toTensor(name('attn_q'), 'q8_0'),
    layer.k.toTensor(name('attn_k'), 'q8_0'),
    layer.v.toTensor(name('attn_v'), 'q8_0'),
    layer.o.toTensor(name('attn_output'), 'q8_0'),
    constantTensor(name('ffn_norm'), shape.embd, 1),
    layer.gate.toTensor(name('ffn_gate'), 'q8_0'),
    layer.up.toTensor(name('ffn_up'), 'q8_0'),
    layer.down.toTensor(name('ffn_down'), 'q8_0'),
  ];
}
