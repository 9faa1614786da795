/** A fault of the file, in words for a person. */
export class GgufError extends Error {
  readonly code = 'ERR_WARMFORK_NOT_GGUF';

  constructor(why: string) {
    super(`Not a usable GGUF file: ${why}.`);
    this.name = 'GgufError';
  }
}

/** Not a fault: the caller has to read more of the file. */
export class PrefixEnds extends Error {}

/** Walks the first bytes of a file; whatever would lie beyond the file is an error, beyond the prefix a request for more. */
export class HeaderReader {
  readonly bytes: Buffer;
  readonly #fileBytes: number;
  #offset = 0;

  constructor(bytes: Buffer, fileBytes: number) {
    this.bytes = bytes;
    this.#fileBytes = fileBytes;
  }

  get offset(): number {
    return this.#offset;
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.skip(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.skip(8));
  }

  /** A 64-bit count of things that take at least `minBytes` each. */
  count(minBytes: number): number {
    const count = this.u64();
    if (count * BigInt(minBytes) > BigInt(this.#fileBytes - this.#offset)) {
      const at = this.#offset - 8;
      throw new GgufError(`it says ${count} entries at byte ${at}, more than it can hold`);
    }
    return Number(count);
  }

  skipString(): void {
    this.skip(this.count(1));
  }

  string(): string {
    const length = this.count(1);
    const start = this.skip(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** Moves on by `bytes` and returns where it was. */
  skip(bytes: number): number {
    const start = this.#offset;
    if (start + bytes > this.#fileBytes) throw new GgufError('the header is cut off');
    if (start + bytes > this.bytes.length) throw new PrefixEnds();
    this.#offset = start + bytes;
    return start;
  }
}
