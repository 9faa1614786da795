/** Seeded choices: the same seed gives the same ones on every machine. */
import type { Prng } from '../../scripts/model/prng.ts';

/** An integer in [low, high]. */
export function integer(prng: Prng, low: number, high: number): number {
  return low + Math.floor(prng.uniform() * (high - low + 1));
}

/** One of `items`; throws when there is none. */
export function pick<T>(prng: Prng, items: readonly T[]): T {
  const item = items[Math.floor(prng.uniform() * items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}

/** All of `items` in a random order. */
export function shuffle<T>(prng: Prng, items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(prng.uniform() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
