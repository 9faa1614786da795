/** The command line of `npm run bench:typing`. */
import { parseArgs } from 'node:util';
import { inRoot } from '../../scripts/lib/paths.ts';
import { oneOf, wholeNumber } from '../lib/arguments.ts';
import { shapeModelPath } from '../lib/shapeModel.ts';
import type { Pace } from './replay.ts';

export const typingHelp = `Replays typing through Warmfork's provider and engine, and through llama-server's /infill.

npm run bench:typing -- [options]
  --model FILE         default: a model of Qwen2.5-Coder-0.5B's shape with random weights, made at the first run
  --workspace DIR      the project that is typed in; default: this repository
  --segments N         functions to type (8)
  --keys N             at most so many keys a function (60)
  --predict N          longest suggestion, in tokens, for all (8)
  --pace P             awaited: keys come when the trace says so, but not before the answer; timed: when the
                       trace says so, whatever has come; fast: at once after the answer (awaited)
  --peers LIST         llama-server variants, with a comma between: psm,spm (psm,spm); none
  --base-tokens N      size of the base session (4096)
  --threads N          for all (2)
  --seed N             (1)
  --json FILE          writes the result there`;

export type PeerKind = 'psm' | 'spm';

export interface TypingOptions {
  readonly model: string;
  readonly workspace: string;
  readonly segments: number;
  readonly keys: number;
  readonly predict: number;
  readonly pace: Pace;
  readonly peers: readonly PeerKind[];
  readonly baseTokens: number;
  readonly threads: number;
  readonly seed: number;
  readonly json: string | undefined;
}

/** `undefined`: help was asked for. Throws for arguments that make no sense. */
export function parseTypingOptions(args: readonly string[]): TypingOptions | undefined {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: text(shapeModelPath('0.5b')),
      workspace: text(inRoot()),
      segments: text('8'),
      keys: text('60'),
      predict: text('8'),
      pace: text('awaited'),
      peers: text('psm,spm'),
      'base-tokens': text('4096'),
      threads: text('2'),
      seed: text('1'),
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    model: values.model,
    workspace: values.workspace,
    segments: wholeNumber('segments', values.segments, 1),
    keys: wholeNumber('keys', values.keys, 1),
    predict: wholeNumber('predict', values.predict, 1),
    pace: oneOf('pace', values.pace, ['awaited', 'timed', 'fast']),
    peers: values.peers === 'none' ? [] : values.peers.split(',').map(peerKind),
    baseTokens: wholeNumber('base-tokens', values['base-tokens'], 0),
    threads: wholeNumber('threads', values.threads, 1),
    seed: wholeNumber('seed', values.seed, 0),
    json: values.json,
  };
}

function peerKind(text: string): PeerKind {
  return oneOf('peers', text, ['psm', 'spm']);
}
