/** Sizes of a stand-in model, and the seed of its weights. */
export interface ModelShape {
  readonly layers: number;
  readonly embd: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ff: number;
  readonly ctx: number;
  readonly seed: number;
}

export const DEFAULT_SHAPE: ModelShape = {
  layers: 4,
  embd: 384,
  heads: 4,
  kvHeads: 2,
  headDim: 96,
  ff: 384,
  ctx: 32_768,
  seed: 1,
};

/** Rotary base: high, so that content can be matched over thousands of positions. */
export const ROPE_BASE = 100_000_000;
export const NORM_EPSILON = 0.000_001;

/** Throws a RangeError for sizes that no model can be made of. */
export function checkShape(shape: ModelShape): void {
  const whole: Record<string, number> = { ...shape };
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isSafeInteger(value) || value < (name === 'seed' ? 0 : 1)) {
      throw new RangeError(`${name} must be a positive whole number, not ${value}`);
    }
  }
  for (const [name, step] of [
    ['embd', 128],
    ['ff', 32],
    ['headDim', 32],
  ] as const) {
    if (shape[name] % step !== 0) throw new RangeError(`${name} must be a multiple of ${step}`);
  }
  if (shape.heads % shape.kvHeads !== 0)
    throw new RangeError('heads must be a multiple of kvHeads');
}

/**
 * How the residual stream is divided. Each part holds a token as a code of signs, one number per
 * dimension: which token is here, which stood one and two places before, and which comes next.
 */
export interface Layout {
  /** Length of a code. */
  readonly code: number;
  readonly here: number;
  readonly before: number;
  readonly twoBefore: number;
  readonly twoBeforeLength: number;
  readonly next: number;
  /** A few dimensions with a constant value, from which thresholds and positions are made. */
  readonly constant: number;
  readonly constantLength: number;
  readonly constantValue: number;
}

export function layoutOf(shape: ModelShape): Layout {
  const quarter = shape.embd / 4;
  const constantLength = 8;
  return {
    code: quarter,
    here: 0,
    before: quarter,
    twoBefore: 2 * quarter,
    twoBeforeLength: quarter - constantLength,
    constant: 3 * quarter - constantLength,
    constantLength,
    constantValue: 2,
    next: 3 * quarter,
  };
}

/** Angle per position of each rotary pair, the fastest (1 radian) first. */
export function ropeAngles(headDim: number): number[] {
  const nPairs = headDim / 2;
  const step = nthRoot(ROPE_BASE, nPairs);
  const angles = [1];
  while (angles.length < nPairs) angles.push((angles.at(-1) ?? 1) / step);
  return angles;
}

/** Cosine and sine of an angle in [0, 1], by their series: library functions differ by machine. */
export function cosSin(angle: number): readonly [cos: number, sin: number] {
  let term = 1;
  const sums: [number, number] = [0, 0];
  for (let n = 0; n < 24; n++) {
    const sign = n % 4 < 2 ? 1 : -1;
    if (n % 2 === 0) sums[0] += sign * term;
    else sums[1] += sign * term;
    term *= angle / (n + 1);
  }
  return sums;
}

/** By bisection: `**` may differ in the last place between machines. */
function nthRoot(value: number, n: number): number {
  let [low, high] = [1, value];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    let power = 1;
    for (let i = 0; i < n && power <= value; i++) power *= middle;
    if (power > value) high = middle;
    else low = middle;
  }
  return low;
}
