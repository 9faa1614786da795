/** XXH64 (seed 0), the checksum of session files, for readers that have no addon or do not map. */

const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;
const stripeBytes = 32;

/** Hashes bytes as they come; they may be split anywhere. */
export class Xxh64 {
  #a = wrap(prime1 + prime2);
  #b = prime2;
  #c = 0n;
  #d = wrap(-prime1);
  #length = 0;
  /** Bytes that do not fill a stripe yet. */
  readonly #rest = new Uint8Array(stripeBytes);
  #restLength = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(stripeBytes - this.#restLength, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < stripeBytes) return this;
      this.#stripes(this.#rest, 0, stripeBytes);
      this.#restLength = 0;
    }
    const end = at + Math.floor((bytes.length - at) / stripeBytes) * stripeBytes;
    this.#stripes(bytes, at, end);
    this.#rest.set(bytes.subarray(end));
    this.#restLength = bytes.length - end;
    return this;
  }

  /** 16 hex digits. */
  digest(): string {
    let hash = this.#length < stripeBytes ? prime5 : this.#merged();
    hash = wrap(hash + BigInt(this.#length));
    return finish(hash, this.#rest.subarray(0, this.#restLength)).toString(16).padStart(16, '0');
  }

  #merged(): bigint {
    const lanes = [this.#a, this.#b, this.#c, this.#d] as const;
    const [a, b, c, d] = lanes;
    let hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * prime1 + prime4);
    return hash;
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const lanes = [this.#a, this.#b, this.#c, this.#d].map((lane, index) =>
      hashLane(lane, view, from + 8 * index, to),
    );
    [this.#a = 0n, this.#b = 0n, this.#c = 0n, this.#d = 0n] = lanes;
  }
}

const [prime1High, prime1Low] = halves(prime1);
const [prime2High, prime2Low] = halves(prime2);

/** One lane of every stripe, in 32-bit halves: far faster than bigint, and a base has many megabytes. */
function hashLane(lane: bigint, view: DataView, from: number, to: number): bigint {
  let [high, low] = halves(lane);
  for (let at = from; at < to; at += stripeBytes) {
    const inputLow = view.getInt32(at, true);
    const inputHigh = view.getInt32(at + 4, true);
    // lane += input * prime2
    const productLow = Math.imul(inputLow, prime2Low);
    const productHigh =
      highProduct(inputLow, prime2Low) +
      Math.imul(inputLow, prime2High) +
      Math.imul(inputHigh, prime2Low);
    const sumLow = (low + productLow) | 0;
    const carry = sumLow >>> 0 < productLow >>> 0 ? 1 : 0;
    const sumHigh = (high + productHigh + carry) | 0;
    // lane = rotate(lane, 31) * prime1
    const rotatedHigh = (sumHigh << 31) | (sumLow >>> 1);
    const rotatedLow = (sumLow << 31) | (sumHigh >>> 1);
    high =
      (highProduct(rotatedLow, prime1Low) +
        Math.imul(rotatedLow, prime1High) +
        Math.imul(rotatedHigh, prime1Low)) |
      0;
    low = Math.imul(rotatedLow, prime1Low);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The upper half of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}

function halves(value: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
}

function finish(start: bigint, rest: Uint8Array): bigint {
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  let hash = start;
  let at = 0;
  for (; rest.length - at >= 8; at += 8) {
    const lane = round(0n, view.getBigUint64(at, true));
    hash = wrap(rotate(hash ^ lane, 27n) * prime1 + prime4);
  }
  if (rest.length - at >= 4) {
    const lane = wrap(BigInt(view.getUint32(at, true)) * prime1);
    hash = wrap(rotate(hash ^ lane, 23n) * prime2 + prime3);
    at += 4;
  }
  for (; at < rest.length; at++) {
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint8(at)) * prime5), 11n) * prime1);
  }
  hash = wrap((hash ^ (hash >> 33n)) * prime2);
  hash = wrap((hash ^ (hash >> 29n)) * prime3);
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + wrap(input * prime2)), 31n) * prime1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
