/** The files that are measured: in a folder that goes with them, or in one that is kept for the next run. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Base, KvType } from './jobs.ts';
import { chunkTokens } from './prepare.ts';
import { withWorker } from './workerClient.ts';

export class Bases {
  readonly #folder: string;
  readonly #modelPath: string;
  readonly #isKept: boolean;

  constructor(modelPath: string, keptFolder: string | undefined) {
    this.#modelPath = modelPath;
    this.#isKept = keptFolder !== undefined;
    this.#folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'warmfork-in-place-'));
    mkdirSync(this.#folder, { recursive: true });
  }

  /** A base of `nTokens`, a multiple of 1,024, in a context of `nCtx` cells. Made by a process of its own. */
  async make(kvType: KvType, nCtx: number, nTokens: number): Promise<Base> {
    const name = `${kvType}-${nCtx}-${nTokens}`;
    const base: Base = {
      modelPath: this.#modelPath,
      kvType,
      nCtx,
      nTokens,
      sessionPath: join(this.#folder, `${name}.session`),
      image: {
        cellsPath: join(this.#folder, `${name}.cells`),
        metaPath: join(this.#folder, `${name}.meta`),
        identity: name,
      },
    };
    const chunkPath = join(this.#folder, `${kvType}.chunk`);
    if (!existsSync(chunkPath)) {
      const small = { ...base, nCtx: 2 * chunkTokens };
      await withWorker((worker) => worker.ask({ kind: 'prepareChunk', base: small, chunkPath }));
    }
    if (!existsSync(base.image.metaPath))
      await withWorker((worker) => worker.ask({ kind: 'prepare', base, chunkPath }));
    return base;
  }

  /** Gives the disk space of one base back. */
  remove(base: Base): void {
    if (this.#isKept) return;
    for (const path of [base.sessionPath, base.image.cellsPath, base.image.metaPath])
      rmSync(path, { force: true });
  }

  dispose(): void {
    if (!this.#isKept) rmSync(this.#folder, { recursive: true, force: true });
  }
}
