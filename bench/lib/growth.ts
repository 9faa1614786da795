/** How a cost grows along an axis. */

export interface Point {
  /** Where on the axis: files, tokens, … */
  readonly at: number;
  readonly cost: number;
}

/**
 * By what the cost is multiplied when the axis doubles: the line through the logarithms of all points (least squares).
 * 1: it does not depend on the axis; 2: in proportion to it. Not a number where a cost is 0 or there are fewer than two points.
 */
export function growthPerDoubling(points: readonly Point[]): number {
  const logs = points.map(({ at, cost }) => ({ x: Math.log2(at), y: Math.log2(cost) }));
  const meanX = logs.reduce((sum, { x }) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, { y }) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = logs.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return 2 ** (covariance / variance);
}
