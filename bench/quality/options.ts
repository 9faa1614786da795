/** The command line of `npm run bench:quality`. */
import { parseArgs } from 'node:util';
import { inRoot } from '../../scripts/lib/paths.ts';
import { oneOf, wholeNumber } from '../lib/arguments.ts';
import { baseKinds, type BaseKind } from './bases.ts';
import { repositoryNames } from './repositories.ts';

export const qualityHelp = `Cuts pieces out of real functions and asks a model for them.

npm run bench:quality -- [options]
  --model FILE       a GGUF; default: the built-in stand-in model, whose text has no meaning
  --base LIST        what the base session holds, with commas between: none, naive, project (all three)
  --healing LIST     token healing: on, off (on,off)
  --repositories L   ${repositoryNames.join(', ')} (all that are there)
  --files N          files that cases are cut from, per repository (8)
  --cases N          cases per file (4)
  --base-tokens N    budget of the base session (4096)
  --threads N        (2)
  --seed N           (1)
  --json FILE        writes the scores there`;

export interface QualityOptions {
  readonly model: string;
  readonly bases: readonly BaseKind[];
  readonly healing: readonly boolean[];
  readonly repositories: readonly string[];
  readonly files: number;
  readonly casesPerFile: number;
  readonly budgetTokens: number;
  readonly threads: number;
  readonly seed: number;
  readonly json: string | undefined;
}

/** `undefined`: help was asked for. Throws for arguments that make no sense. */
export function parseQualityOptions(args: readonly string[]): QualityOptions | undefined {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: text(inRoot('models/stand-in.gguf')),
      base: text(baseKinds.join(',')),
      healing: text('on,off'),
      repositories: text(repositoryNames.join(',')),
      files: text('8'),
      cases: text('4'),
      'base-tokens': text('4096'),
      threads: text('2'),
      seed: text('1'),
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const list = <T extends string>(name: string, value: string, known: readonly T[]): T[] =>
    value.split(',').map((one) => oneOf(name, one.trim(), known));
  return {
    model: values.model,
    bases: list('base', values.base, baseKinds),
    healing: list('healing', values.healing, ['on', 'off']).map((one) => one === 'on'),
    repositories: list('repositories', values.repositories, repositoryNames),
    files: wholeNumber('files', values.files, 1),
    casesPerFile: wholeNumber('cases', values.cases, 1),
    budgetTokens: wholeNumber('base-tokens', values['base-tokens'], 0),
    threads: wholeNumber('threads', values.threads, 1),
    seed: wholeNumber('seed', values.seed, 0),
    json: values.json,
  };
}
