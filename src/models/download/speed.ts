/** Bytes per second over the last few seconds. */
export class Speed {
  readonly #windowMs: number;
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(windowMs = 5_000) {
    this.#windowMs = windowMs;
  }

  /** Undefined until there is something to tell. */
  at(now: number, bytes: number): number | undefined {
    this.#samples = this.#samples.filter(({ at }) => now - at <= this.#windowMs);
    this.#samples.push({ at: now, bytes });
    const first = this.#samples[0]!;
    return now > first.at && bytes >= first.bytes
      ? ((bytes - first.bytes) * 1000) / (now - first.at)
      : undefined;
  }
}
