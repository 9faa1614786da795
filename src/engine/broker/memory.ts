import { freemem, totalmem } from 'node:os';

/** Bytes this process may still have, and bytes there are. */
export interface Memory {
  readonly available: number;
  readonly total: number;
}

/** A container's limit counts, where there is one. */
export function systemMemory(): Memory {
  const { availableMemory, constrainedMemory } = process as Partial<NodeJS.Process>;
  const limit = constrainedMemory?.() ?? 0;
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  return { available: availableMemory?.() ?? freemem(), total };
}
