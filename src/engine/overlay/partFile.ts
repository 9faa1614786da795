/** Cells of one sequence from some position on, to and from a session file. What stands before them is in the base. */
import type { BaseId } from '../../cache/baseId.ts';
import type { ExportedSequence } from '../../../native/index.js';
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

/** A part out of the context; `finish` writes it, makes it durable and known, unless another window writes this file. */
export interface CopiedPart {
  finish(): Promise<SavedSession | undefined>;
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
 * Copies cells out of the context, through a scratch sequence that holds nothing else. Runs inside a turn, for as long as
 * the copy takes; the file is not touched before `finish`, which belongs outside.
 */
export async function copyPart(
  runtime: Runtime,
  persistence: Persistence,
  part: Part,
): Promise<CopiedPart> {
  const { sequence, start, end } = part;
  const tokens = Int32Array.from(sequence.tokens.slice(start, end));
  const scratch = runtime.pool.acquire();
  try {
    await runtime.context.copySequence(sequence.id, scratch.id, start, end);
    const state = await runtime.context.exportSequence(scratch.id);
    return { finish: () => writePart(runtime, persistence, part, tokens, state) };
  } finally {
    await runtime.pool.release(scratch);
  }
}

async function writePart(
  runtime: Runtime,
  { store, io }: Persistence,
  { name, baseId, costMs }: Part,
  tokens: Int32Array,
  state: ExportedSequence,
): Promise<SavedSession | undefined> {
  const path = await store.sessionPath(name);
  const writer = await openWriter(runtime, () => io.writer(path, 'sequence', tokens.length), path);
  if (writer === undefined) return undefined;
  try {
    await store.markUnclean(path);
    await writer.write({ kind: 'exported', state }, tokens);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const saved = await writer.finish();
  const facts = { baseId, tokens: tokens.length, tokensHash: hashTokens(tokens) };
  const { engineVersion } = runtime;
  await store.commit(name, { ...facts, ...saved, engineVersion, rebuildCostMs: costMs });
  return saved;
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
