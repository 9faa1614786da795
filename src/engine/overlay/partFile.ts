/** Cells of one sequence from some position on, to and from a session file. What stands before them is in the base. */
import type { BaseId } from '../../cache/baseId.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { OverlayName } from '../../cache/sessionName.ts';
import { hashTokens } from '../../cache/tokenHash.ts';
import type { Base } from '../base/base.ts';
import type { Sequence } from '../inference/sequences.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import {
  sessionErrorReason,
  type SavedSession,
  type SessionWriter,
} from '../sessions/sessionIo.ts';

/** A file that the store believes in. */
export interface KeptPart {
  readonly base: Base;
  /** Position of its first cell: so much of the base stands before it. */
  readonly start: number;
  readonly entry: SessionEntry;
}

/** What is to be written: the cells `[start, end)` of `sequence`. */
export interface Part {
  readonly name: OverlayName;
  /** The base its beginning is shared with. */
  readonly baseId: BaseId;
  readonly sequence: Sequence;
  readonly start: number;
  readonly end: number;
  /** How long its tokens took to evaluate, in ms. */
  readonly costMs: number;
}

/** A part in its file; `finish` makes it durable and known. */
export interface WrittenPart {
  finish(): Promise<SavedSession>;
}

/**
 * Puts a part behind the beginning of the base, into a new sequence. The file is rejected when its content cannot be
 * believed, not when there is no room; then the answer is `undefined`. Runs inside a turn.
 */
export async function readPart(
  runtime: Runtime,
  persistence: Persistence,
  { base, start, entry }: KeptPart,
  makeRoom: () => Promise<boolean>,
): Promise<Sequence | undefined> {
  const sequence = runtime.pool.acquire();
  for (;;) {
    try {
      const tokens = await readCells(persistence, entry, sequence);
      await checkPositions(runtime, sequence, start, tokens.length);
      await runtime.pool.share(base.sequence, sequence, 0, start);
      for (const token of tokens) sequence.tokens.push(token);
      return sequence;
    } catch (error) {
      // llama.cpp refuses a state that passed every check when there are too few free cells.
      const isFull = sessionErrorReason(error) === 'refused';
      if (isFull && (await makeRoom())) continue;
      await runtime.pool.release(sequence);
      const { message } = error as Error;
      // What another window has begun to write meanwhile is no longer what the store believed in.
      if (!isFull && !persistence.io.isBeingWritten(entry.path))
        await persistence.store.reject(entry.path, 'load-failed', message);
      return undefined;
    }
  }
}

async function readCells(
  persistence: Persistence,
  entry: SessionEntry,
  sequence: Sequence,
): Promise<Int32Array> {
  const { manifest, path } = entry;
  const reader = await persistence.io.reader(path, 'sequence');
  try {
    if ((await reader.checksum()) !== manifest.checksum) throw new Error('the checksum differs');
    const tokens = await reader.read({ kind: 'sequence', id: sequence.id });
    if (hashTokens(tokens) !== manifest.tokensHash) throw new Error('the tokens differ');
    return tokens;
  } finally {
    await reader.close();
  }
}

async function checkPositions(
  runtime: Runtime,
  sequence: Sequence,
  start: number,
  nTokens: number,
): Promise<void> {
  const first = await runtime.context.minPosition(sequence.id);
  const last = await runtime.context.maxPosition(sequence.id);
  if (first !== start || last !== start + nTokens - 1)
    throw new Error(`positions ${first}..${last} instead of ${start}..${start + nTokens - 1}`);
}

/**
 * Writes cells into their file, through a scratch sequence that holds nothing else. Runs inside a turn. `undefined` when
 * another window writes this file.
 */
export async function writePart(
  runtime: Runtime,
  persistence: Persistence,
  part: Part,
): Promise<WrittenPart | undefined> {
  const { name, baseId, sequence, start, end, costMs } = part;
  const { store, io } = persistence;
  const path = await store.sessionPath(name);
  const writer = await openWriter(runtime, () => io.writer(path, 'sequence', end - start), path);
  if (writer === undefined) return undefined;
  const tokens = Int32Array.from(sequence.tokens.slice(start, end));
  const scratch = runtime.pool.acquire();
  try {
    await store.markUnclean(path);
    await runtime.context.copySequence(sequence.id, scratch.id, start, end);
    await writer.write({ kind: 'sequence', id: scratch.id }, tokens);
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    await runtime.pool.release(scratch);
  }
  const facts = { baseId, tokens: tokens.length, tokensHash: hashTokens(tokens) };
  const { engineVersion } = runtime;
  const finish = async (): Promise<SavedSession> => {
    const saved = await writer.finish();
    await store.commit(name, { ...facts, ...saved, engineVersion, rebuildCostMs: costMs });
    return saved;
  };
  return { finish };
}

async function openWriter(
  runtime: Runtime,
  open: () => Promise<SessionWriter>,
  path: string,
): Promise<SessionWriter | undefined> {
  try {
    return await open();
  } catch (error) {
    if (sessionErrorReason(error) !== 'locked') throw error;
    runtime.log('info', `${path} is being written by another window; not saved here`);
    return undefined;
  }
}
