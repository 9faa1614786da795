/**
 * Generated text on its way to a window. Messages wake two other processes and cost more than the token: what comes within
 * a moment of the last one goes together with what follows it.
 */

/** Nobody sees text come more often than twenty times a second. */
const apartMs = 50;

export class TextDeltas {
  readonly #send: (text: string) => void;
  #waiting = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Sends `text` at once, or within 50 ms if something was sent just now. */
  readonly add = (text: string): void => {
    this.#waiting += text;
    if (this.#timer === undefined) this.#next();
  };

  /** Sends what waits: the answer comes next, or the end of it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendWaiting();
  }

  #next(): void {
    this.#timer = undefined;
    if (this.#waiting === '') return;
    this.#sendWaiting();
    this.#timer = setTimeout(() => this.#next(), apartMs).unref();
  }

  #sendWaiting(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') this.#send(text);
  }
}
