/** What one part of the table needs, and what it gives. */
import type { ResultRow } from '../lib/result.ts';

export const partNames = [
  'open',
  'fork',
  'restore',
  'cold',
  'second',
  'save',
  'overhead',
  'decode',
  'draft',
  'tokenise',
  'windows',
  'typing',
  'host',
  'project',
  'files',
] as const;
export type PartName = (typeof partNames)[number];

export interface Bench {
  /** The model's file; the same for everybody who takes part. */
  readonly model: string;
  /** Small sizes and few runs: shows that it works, in seconds. */
  readonly quick: boolean;
  readonly threads: number;
  /** Of whatever is measured several times. */
  readonly runs: number;
  /** For whatever a part leaves; goes when all are done. */
  readonly folder: string;
  /** The program; undefined where there is none, then its column is a dash. */
  readonly llamaServer: string | undefined;
  /** Whether node-llama-cpp's own API takes part. */
  readonly nodeLlamaCpp: boolean;
  /** What a person who waits wants to see. */
  readonly note: (text: string) => void;
}

export type BenchPart = (bench: Bench) => Promise<ResultRow[]>;
