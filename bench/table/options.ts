/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../lib/arguments.ts';
import { partNames, type PartName } from './part.ts';

export const benchHelp = `Measures Warmfork beside its peers, one part after the other, and prints one table.

npm run bench -- [options]
  --part NAME          ${partNames.join(', ')}; may be given several times (all)
  --shape S            a generated model of Qwen2.5-Coder's shape: 0.5b or 1.5b (0.5b)
  --model FILE         any GGUF instead
  --quick              the stand-in model, small sizes, few runs: shows that it works, in a minute
  --runs N             of what is measured several times (5; quick: 2)
  --threads N          for all (2)
  --peers P            all or none (all; llama-server is built at the first run)
  --json FILE          writes {machine, rows} there
  --write FILE         puts the table into a document, between its marks (docs/performance.md)
  --compare FILE       prints what is worse than in that earlier JSON; then the exit code is 1`;

export interface BenchOptions {
  readonly parts: readonly PartName[];
  readonly shape: '0.5b' | '1.5b';
  readonly model: string | undefined;
  readonly quick: boolean;
  readonly runs: number;
  readonly threads: number;
  readonly peers: 'all' | 'none';
  readonly json: string | undefined;
  readonly write: string | undefined;
  readonly compare: string | undefined;
}

/** `undefined`: help was asked for. Throws for arguments that make no sense. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string', multiple: true, default: [...partNames] },
      shape: { type: 'string', default: '0.5b' },
      model: { type: 'string' },
      quick: { type: 'boolean', default: false },
      runs: { type: 'string' },
      threads: { type: 'string', default: '2' },
      peers: { type: 'string', default: 'all' },
      json: { type: 'string' },
      write: { type: 'string' },
      compare: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const asked = values.part.map((name) => oneOf('part', name, partNames));
  return {
    parts: partNames.filter((name) => asked.includes(name)),
    shape: oneOf('shape', values.shape, ['0.5b', '1.5b']),
    model: values.model,
    quick: values.quick,
    runs: wholeNumber('runs', values.runs ?? (values.quick ? '2' : '5'), 1),
    threads: wholeNumber('threads', values.threads, 1),
    peers: oneOf('peers', values.peers, ['all', 'none']),
    json: values.json,
    write: values.write,
    compare: values.compare,
  };
}
