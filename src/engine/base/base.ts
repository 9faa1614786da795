import type { BaseId } from '../../cache/baseId.ts';
import type { Sequence } from '../inference/sequences.ts';

/** The base session in the context. Its sequence has id 0 and is only ever changed with the gate to itself. */
export interface Base {
  readonly sequence: Sequence;
  /** Undefined while there is none: then overlays stand on nothing and are not kept. */
  id: BaseId | undefined;
}
