/**
 * Seeded random numbers from integer arithmetic only (mulberry32), so that every machine and every
 * JavaScript engine draws the same ones.
 */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An unsigned 32-bit integer. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** Nearly normal, mean 0 and deviation 1: a sum of uniforms, because `Math.log` may differ. */
  normal(): number {
    const sum = this.uniform() + this.uniform() + this.uniform() + this.uniform();
    return (sum - 2) * Math.sqrt(3);
  }

  /** +1 or -1. */
  sign(): number {
    return this.next() & 1 ? 1 : -1;
  }
}
