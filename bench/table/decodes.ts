/** Times of decodes, as timedEngine.ts writes them. */
import { readFileSync } from 'node:fs';

/** Environment variable: the file. */
export const decodesVariable = 'WARMFORK_BENCH_DECODES';

/** Times in ms of all decodes so far. */
export function decodesIn(path: string): number[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => Number(line.split(' ')[0]));
}
