/**
 * What is evaluated of the next base, kept in a file of its own for the case that its evaluation ends under way. Like an
 * overlay it holds only the cells that the present base has not.
 */
import { basename } from 'node:path';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import { relativeSessionPath, type OverlayName } from '../../cache/sessionName.ts';
import { hashTokens } from '../../cache/tokenHash.ts';
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { Sequence } from '../inference/sequences.ts';
import type { Overlays } from '../overlay/overlays.ts';
import { readPart, copyPart } from '../overlay/partFile.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import type { Base } from './base.ts';

/** No document has this address. */
const name = { kind: 'file', uri: 'warmfork:next-base' } as const satisfies OverlayName;

/** What its file is called. */
export const unfinishedBaseFile = basename(relativeSessionPath(name));

export class UnfinishedBase {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;

  constructor(runtime: Runtime, base: Base, overlays: Overlays) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
  }

  /** Whether all that is kept is a part of `tokens`, judged by its manifest. */
  async isPartOf(tokens: readonly number[]): Promise<boolean> {
    const entry = await this.#find(this.#runtime.persistence);
    if (entry === undefined) return false;
    const { tokens: count, tokensHash } = entry.manifest;
    const start = commonPrefixLength(this.#base.sequence.tokens, tokens);
    return hashTokens(Int32Array.from(tokens.slice(start, start + count))) === tokensHash;
  }

  /**
   * The longest beginning of `tokens` that is kept, in a sequence of its own; undefined when the present base, with which
   * it has `shared` tokens in common, has as much. Runs inside a turn.
   */
  async restore(tokens: readonly number[], shared: number): Promise<Sequence | undefined> {
    const { persistence, pool, log } = this.#runtime;
    const entry = await this.#find(persistence);
    if (persistence === undefined || entry === undefined) return undefined;
    const part = { base: this.#base, start: shared, entry };
    await this.#overlays.reserve(1);
    const makeRoom = (): Promise<boolean> => this.#overlays.detachOldest();
    const sequence = await readPart(this.#runtime, persistence, part, makeRoom);
    if (sequence === undefined) return undefined;
    const length = commonPrefixLength(sequence.tokens, tokens);
    await pool.cut(sequence, length);
    if (length > shared) {
      log('info', `the base goes on where its evaluation ended: ${length} of ${tokens.length}`);
      return sequence;
    }
    await pool.release(sequence);
    return undefined;
  }

  /** Keeps what `sequence` has beyond its first `shared` tokens. Resolves when that is durable; never rejects. */
  async save(sequence: Sequence, shared: number, costMs: number): Promise<void> {
    const { persistence, scheduler, log } = this.#runtime;
    const { id: baseId } = this.#base;
    const end = sequence.tokens.length;
    if (persistence === undefined || baseId === undefined || end <= shared) return;
    const part = { name, baseId, sequence, start: shared, end, costMs };
    try {
      const copied = await scheduler.turn({ priority: 'base' }, async () => {
        if (sequence.tokens.length < end) return undefined; // it gave way meanwhile
        await this.#overlays.reserve(1);
        return copyPart(this.#runtime, persistence, part);
      });
      await copied?.finish();
    } catch (error) {
      log('info', `the unfinished base could not be kept: ${(error as Error).message}`);
    }
  }

  /** Another base is in place: nothing stands on the former one any more. */
  async remove(): Promise<void> {
    await this.#runtime.persistence?.store.remove(name);
  }

  async #find(persistence: Persistence | undefined): Promise<SessionEntry | undefined> {
    const { id } = this.#base;
    if (id === undefined || persistence === undefined) return undefined;
    const entry = await persistence.store.fileSession(name.uri, id);
    return entry?.clean === true ? entry : undefined;
  }
}
