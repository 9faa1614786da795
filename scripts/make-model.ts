import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeGguf } from './model/gguf-writer.ts';
import { DEFAULT_SHAPE, type ModelShape } from './model/shape.ts';
import { makeStandIn } from './model/standIn.ts';

const HELP = `Writes the stand-in model: a small GGUF whose text has no meaning.

npx tsx scripts/make-model.ts [--out FILE] [--layers N] [--embd N] [--heads N] [--kv-heads N]
                              [--head-dim N] [--ff N] [--ctx N] [--seed N]`;

const option = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    out: option,
    layers: option,
    embd: option,
    heads: option,
    'kv-heads': option,
    'head-dim': option,
    ff: option,
    ctx: option,
    seed: option,
    help: { type: 'boolean' },
  },
});

function shapeFromArguments(): ModelShape {
  const { layers, embd, heads, ff, ctx, seed } = DEFAULT_SHAPE;
  return {
    layers: Number(values.layers ?? layers),
    embd: Number(values.embd ?? embd),
    heads: Number(values.heads ?? heads),
    kvHeads: Number(values['kv-heads'] ?? DEFAULT_SHAPE.kvHeads),
    headDim: Number(values['head-dim'] ?? DEFAULT_SHAPE.headDim),
    ff: Number(values.ff ?? ff),
    ctx: Number(values.ctx ?? ctx),
    seed: Number(values.seed ?? seed),
  };
}

if (values.help === true) {
  console.log(HELP);
} else {
  const out = resolve(values.out ?? 'models/stand-in.gguf');
  mkdirSync(dirname(out), { recursive: true });
  writeGguf(out, makeStandIn(shapeFromArguments()));
  console.log(`${out}: ${(statSync(out).size / 1e6).toFixed(1)} MB`);
}
