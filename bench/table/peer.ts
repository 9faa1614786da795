import type { Bench } from './part.ts';

/** A peer that fails is missing, and what it said is shown: our own rows stay. */
export async function orMissing<T>(
  { note }: Bench,
  peer: string,
  measure: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await measure();
  } catch (error) {
    note(`without ${peer}: ${String(error)}`);
    return undefined;
  }
}
