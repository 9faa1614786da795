import { utimes } from 'node:fs/promises';
import { isVanished } from './files.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { manifestPath } from './sessionName.ts';

/**
 * Notes when sessions are used, as the modification time of their manifests, and remembers which of those
 * notes are its own: a later one tells that another process uses the session as well.
 */
export class SessionUses {
  readonly #now: () => number;
  readonly #noted = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Time of the last use noted here, ms since 1970, by session path. */
  get noted(): ReadonlyMap<string, number> {
    return this.#noted;
  }

  /** Notes a use now; a session that has vanished meanwhile is let go. */
  async note(path: string): Promise<void> {
    const usedAt = Math.round(this.#now());
    try {
      await utimes(manifestPath(path), usedAt / 1000, usedAt / 1000);
      this.#noted.set(path, usedAt);
    } catch (error) {
      if (!isVanished(error)) throw error;
      this.#noted.delete(path);
    }
  }

  /** Writes the manifest of a session, which is a use, too. Returns its time. */
  async noteWithManifest(path: string, manifest: Manifest): Promise<number> {
    const usedAt = Math.round(this.#now());
    await writeManifest(manifestPath(path), manifest, usedAt);
    this.#noted.set(path, usedAt);
    return usedAt;
  }

  forget(path: string): void {
    this.#noted.delete(path);
  }
}
