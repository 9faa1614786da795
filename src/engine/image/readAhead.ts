/** Reads an image while the model loads: afterwards it is in the page cache, and its checksum is known. */
import { stat } from 'node:fs/promises';
import type { imageChecksum } from '../../../native/index.js';

interface Reading {
  readonly stamp: string;
  readonly checksum: Promise<string>;
}

/** Checksums of images, each file read once as long as it does not change. */
export class ImageReader {
  readonly #read: typeof imageChecksum;
  readonly #readings = new Map<string, Reading>();

  constructor(read: typeof imageChecksum) {
    this.#read = read;
  }

  /** Begins to read; nobody needs to wait for it, and it never rejects. */
  async ahead(path: string): Promise<void> {
    await this.checksum(path).catch(() => undefined);
  }

  /** Rejects when the file cannot be read, or not be believed to be private. */
  async checksum(path: string): Promise<string> {
    const stamp = await stampOf(path);
    const known = this.#readings.get(path);
    if (known?.stamp === stamp) return known.checksum;
    const checksum = this.#read(path).then((image) => image.checksum);
    checksum.catch(() => this.#readings.delete(path));
    this.#readings.set(path, { stamp, checksum });
    return checksum;
  }
}

/** Changes whenever the file does, as far as the file system tells. */
async function stampOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
