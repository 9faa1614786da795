/** The base session's file: restored as a whole context, written once and published. */
import { computeBaseId, type BaseId } from '../../cache/baseId.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import { hashTokens } from '../../cache/tokenHash.ts';
import type { Persistence } from '../runtime.ts';
import type { SessionReader, SessionWriter } from '../sessions/sessionIo.ts';

export interface RestoredBase {
  readonly id: BaseId;
  readonly tokens: Int32Array;
  /** Stays open while the base is in use: the private mapping of this window. */
  readonly mapping: SessionReader;
}

/** A base in its temporary file, not yet durable. */
export interface WrittenBase {
  readonly path: string;
  readonly tokens: Int32Array;
  readonly writer: SessionWriter;
}

/**
 * Replaces everything in the context by the base of `entry`. Any doubt is a miss: the file is rejected, the context is
 * empty and the answer `undefined`. Runs inside a turn with the gate to itself.
 */
export async function restoreBase(
  persistence: Persistence,
  entry: SessionEntry,
): Promise<RestoredBase | undefined> {
  const { store, io, fingerprint } = persistence;
  const { manifest, path } = entry;
  let reader: SessionReader | undefined;
  try {
    reader = await io.reader(path, 'context');
    if ((await reader.checksum()) !== manifest.checksum) throw new Error('the checksum differs');
    const tokens = await reader.read({ kind: 'context' });
    const id = computeBaseId(fingerprint, tokens);
    if (id !== manifest.baseId || hashTokens(tokens) !== manifest.tokensHash)
      throw new Error('the tokens differ');
    return { id, tokens, mapping: reader };
  } catch (error) {
    await reader?.close();
    await store.reject(path, 'load-failed', (error as Error).message);
    return undefined;
  }
}

/** Writes the context, which holds nothing but the base, under a temporary name. Runs inside a turn. */
export async function writeBase(
  persistence: Persistence,
  id: BaseId,
  tokens: Int32Array,
): Promise<WrittenBase> {
  const { temporaryPath } = await persistence.store.baseFiles(id);
  const writer = await persistence.io.writer(temporaryPath, 'context');
  try {
    await writer.write({ kind: 'context' }, tokens);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return { path: temporaryPath, tokens, writer };
}

/** Makes a written base durable and lets every window find it. Off the inference thread. */
export async function publishBase(
  persistence: Persistence,
  written: WrittenBase,
  facts: {
    readonly id: BaseId;
    readonly tokens: Int32Array;
    readonly costMs: number;
    readonly engineVersion: string;
    readonly unfinished?: true | undefined;
  },
): Promise<SessionEntry> {
  const saved = await written.writer.finish();
  return persistence.store.publishBase(written.path, {
    baseId: facts.id,
    tokens: facts.tokens.length,
    tokensHash: hashTokens(facts.tokens),
    ...saved,
    engineVersion: facts.engineVersion,
    rebuildCostMs: facts.costMs,
    unfinished: facts.unfinished,
  });
}
