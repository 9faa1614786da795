/** The overlays of one engine: attached and detached, saved, discarded. */
import type { OverlayName } from '../../cache/sessionName.ts';
import type { Base } from '../base/base.ts';
import { newOverlay, overlayKey, type FormerPlace, type Overlay } from './overlay.ts';
import { restoreOverlay, writeOverlay, type OverlaySave } from './overlayFile.ts';
import type { Runtime } from '../runtime.ts';
import type { TurnOptions } from '../inference/scheduler.ts';
import { ReadyForks } from '../inference/readyForks.ts';
import type { Sequence } from '../inference/sequences.ts';

export interface SaveTotals {
  readonly saved: number;
  readonly bytes: number;
}

const nothing: SaveTotals = { saved: 0, bytes: 0 };

export class Overlays {
  /** What new ones begin with. */
  readonly ready: ReadyForks;
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays = new Map<string, Overlay>();
  /** Saves of one file follow each other. */
  readonly #saving = new Map<string, Promise<unknown>>();
  #uses = 0;

  constructor(runtime: Runtime, base: Base) {
    this.#runtime = runtime;
    this.#base = base;
    this.ready = new ReadyForks(runtime, base);
  }

  get all(): readonly Overlay[] {
    return [...this.#overlays.values()];
  }

  find(name: OverlayName): Overlay | undefined {
    return this.#overlays.get(overlayKey(name));
  }

  /** Runs `work` with the overlay of that name, which is not detached meanwhile. */
  async use<T>(name: OverlayName, work: (overlay: Overlay) => Promise<T>): Promise<T> {
    const key = overlayKey(name);
    const overlay = this.#overlays.get(key) ?? newOverlay(name);
    this.#overlays.set(key, overlay);
    overlay.users++;
    overlay.usedAt = ++this.#uses;
    try {
      return await work(overlay);
    } finally {
      overlay.users--;
    }
  }

  /** Brings the overlay's cells back from its file if they are not here. True if it did. */
  async attach(overlay: Overlay, options: TurnOptions): Promise<boolean> {
    if (!this.#isDetached(overlay)) return false;
    await this.#saving.get(overlayKey(overlay.name)); // it was detached just now: its file is on the way
    return this.#runtime.scheduler.turn(options, () => this.#attach(overlay));
  }

  #isDetached({ sequence, fileUnread }: Overlay): boolean {
    const { persistence } = this.#runtime;
    return sequence === undefined && fileUnread && persistence?.keepsOverlays === true;
  }

  async #attach(overlay: Overlay): Promise<boolean> {
    const { persistence } = this.#runtime;
    // Another request may have brought it back meanwhile.
    if (!this.#isDetached(overlay) || persistence === undefined) return false;
    await this.reserve(2);
    const sequence = await restoreOverlay(this.#runtime, persistence, this.#base, overlay, () =>
      this.detachOldest(),
    );
    overlay.fileUnread = false;
    if (sequence === undefined) return false;
    overlay.sequence = sequence;
    overlay.stable = sequence.tokens.length;
    overlay.dirty = false;
    return true;
  }

  /**
   * Gives back the overlay's cells from `length` on; never those of the base. Whatever is asked of the context afterwards
   * finds it done. Runs inside a turn.
   */
  cut(overlay: Overlay, length: number): void {
    const { sequence } = overlay;
    if (sequence === undefined) return;
    this.#runtime.pool.cutSoon(sequence, Math.max(length, this.#base.sequence.tokens.length));
    overlay.stable = Math.min(overlay.stable, sequence.tokens.length);
  }

  /** Makes `fork` the overlay's own sequence, of which the first `stable` tokens are worth keeping. Runs inside a turn. */
  async promote(overlay: Overlay, fork: Sequence, stable: number): Promise<void> {
    const before = overlay.sequence;
    overlay.sequence = fork;
    overlay.stable = Math.min(stable, fork.tokens.length);
    overlay.dirty = overlay.stable > this.#base.sequence.tokens.length;
    if (before !== undefined) await this.#letGo(before);
  }

  /** A request that worked in `sequence`, the overlay's own, has left it; the first `stable` tokens are worth keeping. */
  worked(overlay: Overlay, sequence: Sequence, stable: number): void {
    if (overlay.sequence !== sequence) return; // put aside meanwhile
    overlay.stable = Math.min(stable, sequence.tokens.length);
    overlay.dirty = overlay.stable > this.#base.sequence.tokens.length;
  }

  /** Whether the overlay still has `sequence`, as its own or as a former place. */
  has(overlay: Overlay, sequence: Sequence): boolean {
    return (
      overlay.sequence === sequence || overlay.former.some((place) => place.sequence === sequence)
    );
  }

  /** Who works in a sequence that its overlay no longer has releases it. */
  async #letGo(sequence: Sequence): Promise<void> {
    if (!sequence.inWork) await this.ready.release(sequence);
  }

  /** The overlay begins anew; the place it was at is kept beside it, for a person who comes back. */
  setAside(overlay: Overlay): void {
    const { sequence, anchor, stable } = overlay;
    overlay.sequence = undefined;
    overlay.stable = 0;
    overlay.dirty = false;
    if (sequence === undefined || anchor === undefined) return;
    overlay.former = [{ sequence, anchor, stable }, ...overlay.former];
  }

  /** The person has come back: that place is the overlay's own again. */
  comeBack(overlay: Overlay, place: FormerPlace): void {
    overlay.former = overlay.former.filter((other) => other !== place);
    this.setAside(overlay);
    overlay.sequence = place.sequence;
    overlay.anchor = place.anchor;
    overlay.stable = place.stable;
    overlay.dirty = place.stable > this.#base.sequence.tokens.length;
  }

  /** Gives back all former places of an overlay but the last `count`. Runs inside a turn. */
  async forget(overlay: Overlay, count: number): Promise<void> {
    const gone = overlay.former.slice(count);
    overlay.former = overlay.former.slice(0, count);
    for (const { sequence } of gone) await this.#letGo(sequence);
  }

  /** Makes sure of `count` free sequences: forks that are ready go first, then idle overlays. Runs inside a turn. */
  async reserve(count: number): Promise<void> {
    const free = async (): Promise<boolean> =>
      (await this.ready.shrink()) || (await this.detachOldest());
    while (this.#runtime.pool.available < count && (await free())) continue;
  }

  /** Gives back the cells of the overlay that was idle longest; false when there is none. Runs inside a turn. */
  async detachOldest(): Promise<boolean> {
    const idle = this.all.filter(({ sequence, users }) => sequence !== undefined && users === 0);
    // What has no file has to be evaluated again: it goes last.
    const order = (a: Overlay, b: Overlay) =>
      Number(a.isPrivate) - Number(b.isPrivate) || a.usedAt - b.usedAt;
    const oldest = idle.sort(order)[0];
    if (oldest === undefined) return this.#forgetOldest();
    if (oldest.dirty && this.#runtime.pool.available > 0) {
      const save = await this.#write(oldest).catch((error: unknown) => this.#report(error));
      if (save !== undefined) void this.#finishLater(oldest, save); // reports its own failure
    }
    await this.#release(oldest);
    this.#runtime.counters.sequencesDetached++;
    return true;
  }

  /** Gives back a former place of the overlay that was used longest ago; false when there is none. */
  async #forgetOldest(): Promise<boolean> {
    const having = this.all.filter(({ former }) => former.length > 0);
    const oldest = having.sort((a, b) => a.usedAt - b.usedAt)[0];
    if (oldest === undefined) return false;
    await this.forget(oldest, oldest.former.length - 1);
    return true;
  }

  /** Saves one overlay durably. Nothing to save is fine. */
  async save(name: OverlayName): Promise<SaveTotals> {
    const overlay = this.find(name);
    if (overlay === undefined) return nothing;
    await this.#saving.get(overlayKey(name));
    if (!overlay.dirty) return nothing;
    await this.#prepare(overlay);
    const save = await this.#runtime.gate
      .shared(() =>
        this.#runtime.scheduler.turn({ priority: 'upkeep' }, async () => {
          await this.reserve(1);
          return overlay.dirty ? this.#write(overlay) : undefined;
        }),
      )
      .catch((error: unknown) => this.#report(error));
    if (save === undefined) return nothing;
    return this.#finishLater(overlay, save);
  }

  /** So that in its turn the cells are only copied. */
  async #prepare({ stable }: Overlay): Promise<void> {
    const cells = stable - this.#base.sequence.tokens.length;
    if (cells <= 0 || this.#runtime.persistence?.keepsOverlays !== true) return;
    try {
      await this.#runtime.context.prepareExport(cells);
    } catch {
      // The copy brings its memory itself.
    }
  }

  async saveAll(): Promise<SaveTotals> {
    const totals = await Promise.all(this.all.map(({ name }) => this.save(name)));
    await Promise.all(this.#saving.values());
    return totals.reduce(
      (a, b) => ({ saved: a.saved + b.saved, bytes: a.bytes + b.bytes }),
      nothing,
    );
  }

  /** Saves the overlay and gives its cells back; it returns from its file when it is used again. */
  async close(name: OverlayName): Promise<SaveTotals> {
    const totals = await this.save(name);
    await this.#runtime.scheduler.turn({ priority: 'upkeep' }, async () => {
      const overlay = this.find(name);
      if (overlay === undefined || overlay.users > 0) return;
      await this.#release(overlay);
      this.#overlays.delete(overlayKey(name));
    });
    return totals;
  }

  /** Forgets the overlay, in memory only. */
  async drop(name: OverlayName): Promise<void> {
    await this.#saving.get(overlayKey(name));
    await this.#runtime.scheduler.turn({ priority: 'upkeep' }, async () => {
      const overlay = this.find(name);
      if (overlay === undefined) return;
      await this.#release(overlay);
      this.#overlays.delete(overlayKey(name));
    });
  }

  /** Gives back every overlay's cells because the base below them goes, except those of `keep`. Runs inside a turn. */
  async dropAll(keep: ReadonlySet<Overlay> = new Set()): Promise<void> {
    for (const overlay of this.all) {
      if (keep.has(overlay)) continue;
      await this.#release(overlay);
      overlay.dirty = false;
      overlay.fileUnread = true;
    }
    await this.ready.drop();
  }

  async #release(overlay: Overlay): Promise<void> {
    const { sequence } = overlay;
    overlay.sequence = undefined;
    overlay.stable = 0;
    overlay.fileUnread = true;
    if (sequence !== undefined) await this.#letGo(sequence);
    await this.forget(overlay, 0);
  }

  async #write(overlay: Overlay): Promise<OverlaySave | undefined> {
    const { persistence } = this.#runtime;
    if (persistence?.keepsOverlays !== true || overlay.isPrivate) return undefined;
    return writeOverlay(this.#runtime, persistence, this.#base, overlay);
  }

  #finishLater(overlay: Overlay, save: OverlaySave): Promise<SaveTotals> {
    const key = overlayKey(overlay.name);
    const before = this.#saving.get(key) ?? Promise.resolve();
    const finished = before
      .then(() => save.finish())
      .then((saved) => (saved === undefined ? nothing : { saved: 1, bytes: saved.sizeBytes }))
      .catch((error: unknown) => {
        this.#report(error);
        return nothing;
      })
      .finally(() => {
        if (this.#saving.get(key) === finished) this.#saving.delete(key);
      });
    this.#saving.set(key, finished);
    return finished;
  }

  /** A save that fails costs the next start some tokens, nothing else: it is logged, never shown. */
  #report(error: unknown): undefined {
    this.#runtime.log('warn', `a session could not be saved: ${(error as Error).message}`);
    return undefined;
  }
}
