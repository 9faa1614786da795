import { cosSin, ropeAngles } from './shape.ts';
import type { Layer, Plan } from './weights.ts';

/** How far the best position stands out before the softmax, in nats per rotary pair. */
const POSITION_SHARPNESS = 12;
const MATCH_SHARPNESS = 1.3;
const STAY_SHARPNESS = 3;
export const COPY = 1.3;
const SHUN = 1.6;
/** Pairs that turn slower than this carry content: it stays put over thousands of positions. */
const SLOW = 0.001;

/**
 * Layer 0: the first key/value head looks one position back, the second (if any) two, and each
 * writes the code of the token it finds there into its part of the residual stream.
 */
export function addPreviousTokenHeads(plan: Plan, layer: Layer): void {
  const { layout, shape } = plan;
  addPositionHead(plan, layer, { kvHead: 0, distance: 1 });
  writeCode(plan, layer, { kvHead: 0, to: layout.before, length: layout.code, gain: 1 });
  if (shape.kvHeads < 2) return;
  addPositionHead(plan, layer, { kvHead: 1, distance: 2 });
  const length = layout.twoBeforeLength;
  writeCode(plan, layer, { kvHead: 1, to: layout.twoBefore, length, gain: 1 });
}

/**
 * Layer 1: looks for earlier positions that follow the same two tokens as the next token will, and
 * copies the token that stood there. The heads compare different parts of the codes, so that they
 * agree on true matches and not on chance ones.
 */
export function addCopyHeads(plan: Plan, layer: Layer): void {
  const { layout, shape, rms } = plan;
  const first = shape.headDim / 2 - nSlowPairs(shape.headDim);
  const room = 2 * nSlowPairs(shape.headDim);
  const fromHere = Math.min(layout.code, Math.ceil(room * 0.6));
  const fromBefore = Math.min(layout.twoBeforeLength, room - fromHere);
  const nHeads = Math.min(shape.kvHeads, 2);
  const amplitude = rms * Math.sqrt(MATCH_SHARPNESS * Math.sqrt(shape.headDim));
  for (let kvHead = 0; kvHead < nHeads; kvHead++) {
    const qRow = kvHead * (shape.heads / shape.kvHeads) * shape.headDim + 2 * first;
    const kRow = kvHead * shape.headDim + 2 * first;
    const shift = kvHead * 24;
    for (let i = 0; i < fromHere; i++) {
      const dim = (i + shift) % layout.code;
      layer.q.add(qRow + i, layout.here + dim, amplitude);
      layer.k.add(kRow + i, layout.before + dim, amplitude);
    }
    for (let i = 0; i < fromBefore; i++) {
      const dim = (i + shift) % layout.twoBeforeLength;
      layer.q.add(qRow + fromHere + i, layout.before + dim, amplitude);
      layer.k.add(kRow + fromHere + i, layout.twoBefore + dim, amplitude);
    }
    addPositionHead(plan, layer, { kvHead, distance: 0, sharpness: STAY_SHARPNESS });
    const gain = COPY / nHeads;
    writeCode(plan, layer, { kvHead, to: layout.next, length: layout.code, gain });
  }
}

/** Layer 2: speaks against tokens of the last few lines, which breaks endless repetitions. */
export function addRecentTokenHead(plan: Plan, layer: Layer): void {
  addPositionHead(plan, layer, { kvHead: 0, distance: 0, fromAngle: 0.1, sharpness: 2 });
  const { layout } = plan;
  writeCode(plan, layer, { kvHead: 0, to: layout.next, length: layout.code, gain: -SHUN });
}

function nSlowPairs(headDim: number): number {
  return ropeAngles(headDim).filter((angle) => angle < SLOW).length;
}

interface PositionHead {
  readonly kvHead: number;
  /** Positions back at which the score is highest. */
  readonly distance: number;
  /** Only rotary pairs slower than this take part: the slower, the wider the peak. */
  readonly fromAngle?: number;
  readonly sharpness?: number;
}

/** Constant queries and keys: after rotation their product depends on the distance alone. */
function addPositionHead(plan: Plan, layer: Layer, head: PositionHead): void {
  const { layout, shape, rms } = plan;
  const { fromAngle = 2, sharpness = POSITION_SHARPNESS } = head;
  const amplitude = Math.sqrt(sharpness * Math.sqrt(shape.headDim));
  const perConstant = (amplitude * rms) / (layout.constantLength * layout.constantValue);
  const qRow = head.kvHead * (shape.heads / shape.kvHeads) * shape.headDim;
  const kRow = head.kvHead * shape.headDim;
  ropeAngles(shape.headDim).forEach((angle, pair) => {
    if (angle < SLOW || angle > fromAngle) return;
    const [cos, sin] = turn(angle, head.distance);
    for (let i = 0; i < layout.constantLength; i++) {
      layer.k.add(kRow + 2 * pair, layout.constant + i, perConstant);
      layer.q.add(qRow + 2 * pair, layout.constant + i, perConstant * cos);
      layer.q.add(qRow + 2 * pair + 1, layout.constant + i, -perConstant * sin);
    }
  });
}

function turn(angle: number, times: number): readonly [cos: number, sin: number] {
  const [c, s] = cosSin(angle);
  let [cos, sin] = [1, 0];
  for (let i = 0; i < times; i++) [cos, sin] = [cos * c - sin * s, cos * s + sin * c];
  return [cos, sin];
}

interface CodeWriter {
  readonly kvHead: number;
  readonly to: number;
  readonly length: number;
  readonly gain: number;
}

/** The value is the code of the token at the attended position; the output puts it into a part. */
function writeCode(plan: Plan, layer: Layer, { kvHead, to, length, gain }: CodeWriter): void {
  const { layout, shape, rms } = plan;
  const head = kvHead * (shape.heads / shape.kvHeads);
  const carried = Math.min(length, shape.headDim);
  for (let i = 0; i < carried; i++) {
    layer.v.add(kvHead * shape.headDim + i, layout.here + i, rms);
    layer.o.add(to + i, head * shape.headDim + i, gain);
  }
}
