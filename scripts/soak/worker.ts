/** One process on the image: forks, decodes, cuts, clears and reopens until it is killed; every round it checks itself. */
import process from 'node:process';
import type { Context, ImageFiles } from '../../native/index.js';
import { baseTokens, contextOptions, load, probe, randomTokens, type Loaded } from './image.ts';

const files = JSON.parse(process.argv[2] ?? '') as ImageFiles;
const expected = process.argv[3] ?? '';

async function disturb(context: Context, { model }: Loaded): Promise<number> {
  const sequence = 2 + Math.floor(Math.random() * 12);
  await context.removeSequence(sequence, -1, -1);
  const shared = Math.floor(Math.random() * baseTokens);
  if (shared > 0) await context.copySequence(0, sequence, 0, shared);
  const n = 1 + Math.floor(Math.random() * 60);
  const tokens = randomTokens(model, n);
  const { status } = await context.decode([{ sequence, position: shared, tokens, sample: {} }]);
  if (status === 'noRoom')
    for (let id = 2; id < contextOptions.nSeqMax; id++) await context.removeSequence(id, -1, -1);
  return status === 'done' ? n : 0;
}

const loaded = await load();
for (;;) {
  const { context } = await loaded.native.Context.openImage(loaded.model, contextOptions, files);
  for (let round = 0; round < 40; round++) {
    const tokens = await disturb(context, loaded);
    if ((await probe(context, loaded.model)) !== expected) {
      process.send?.({ kind: 'wrong' });
      process.exit(1);
    }
    process.send?.({ kind: 'round', tokens });
  }
  if (Math.random() < 0.3) await context.clear();
  await context.close();
}
