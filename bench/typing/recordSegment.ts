/**
 * Turns a function of a file into the keys that typed it: character by character, with the editor's own help (indented
 * new lines, closed brackets), pauses, slips of the finger that are taken back, and a jump to the top of the file to
 * add a comment there.
 */
import type { Prng } from '../../scripts/model/prng.ts';
import { integer, pick } from '../lib/choose.ts';
import type { SourceFile } from '../lib/sourceFiles.ts';
import type { SourceFunction } from '../lib/sourceFunctions.ts';
import { autoClosed } from './closers.ts';
import type { TypingEvent, TypingSegment } from './trace.ts';

export interface RecordOptions {
  readonly maxKeys: number;
  /** Share of keys in words that are slips. */
  readonly slips: number;
  /** Whether the person once goes to another place of the file and back. */
  readonly excursion: boolean;
}

/** The body is typed anew: the document begins with the function's frame and nothing in it. */
export function recordSegment(
  file: SourceFile,
  target: SourceFunction,
  prng: Prng,
  options: RecordOptions,
): TypingSegment {
  const before = file.text.slice(0, target.start);
  const after = file.text.slice(target.end);
  const body = file.text.slice(target.start, target.end).trimEnd();
  const closing = file.text.slice(target.start + body.length, target.end);
  const indent = /^\n*[ \t]*/.exec(body)?.[0] ?? '';
  const text = before + indent + closing + after;
  const cursor = before.length + indent.length;
  const recorder = new Recorder(prng, options, text, cursor);
  recorder.typeAll(body.slice(indent.length));
  const { path, languageId } = file;
  return { path, languageId, text, cursor, events: recorder.events };
}

const slipLetters = ['a', 'e', 'i', 'n', 'o', 'r', 's', 't'];

class Recorder {
  readonly events: TypingEvent[] = [];
  readonly #prng: Prng;
  readonly #options: RecordOptions;
  readonly #excursionAt: number;
  readonly #topOfFile: number;
  #cursor: number;

  constructor(prng: Prng, options: RecordOptions, text: string, cursor: number) {
    this.#prng = prng;
    this.#options = options;
    this.#cursor = cursor;
    this.#topOfFile = text.lastIndexOf('\n', Math.floor(cursor / 4)) + 1;
    this.#excursionAt = options.excursion ? integer(prng, 10, 30) : -1;
  }

  typeAll(body: string): void {
    const pairs = autoClosed(body);
    /** What the editor has put behind the cursor and is yet to be "typed". */
    let ahead = '';
    for (let at = 0; at < body.length && this.events.length < this.#options.maxKeys;) {
      if (this.events.length >= this.#excursionAt && this.#excursionAt >= 0 && !this.#away)
        this.#goAway();
      const key = keyAt(body, at);
      if (ahead.startsWith(key)) {
        this.#push({ kind: 'typeOver', text: key, pauseMs: this.#pause(key) }, key.length);
        ahead = ahead.slice(key.length);
      } else {
        if (/\w/.test(key) && this.#prng.uniform() < this.#options.slips) this.#slip();
        const closer = closerAt(body, at, key, pairs, ahead);
        this.#push({ kind: 'type', text: key, closer, pauseMs: this.#pause(key) }, key.length);
        ahead = closer + ahead;
      }
      at += key.length;
    }
  }

  get #away(): boolean {
    return this.events.some(({ kind }) => kind === 'jump');
  }

  #slip(): void {
    const keys = integer(this.#prng, 1, 3);
    for (let n = 0; n < keys; n++) this.#type(pick(this.#prng, slipLetters));
    for (let n = 0; n < keys; n++)
      this.#push({ kind: 'backspace', pauseMs: n === 0 ? 400 : 120 }, -1);
  }

  #goAway(): void {
    const back = this.#cursor;
    const remark = pick(this.#prng, ['// see below\n', '// new\n', '// to do\n']);
    this.#push({ kind: 'jump', offset: this.#topOfFile, pauseMs: this.#thought() }, 0);
    for (const key of remark) this.#type(key);
    const offset = back + remark.length;
    this.#push({ kind: 'jump', offset, pauseMs: this.#thought() }, 0);
    this.#cursor = offset;
  }

  #type(key: string): void {
    this.#push({ kind: 'type', text: key, closer: '', pauseMs: this.#pause(key) }, key.length);
  }

  #push(event: TypingEvent, moved: number): void {
    this.events.push(event);
    this.#cursor += moved;
  }

  /** Around 120 ms from key to key; now and then a thought before a new line. */
  #pause(key: string): number {
    if (key.startsWith('\n') && this.#prng.uniform() < 0.3) return this.#thought();
    return Math.round(Math.min(600, Math.max(40, 120 + 50 * this.#prng.normal())));
  }

  #thought(): number {
    return integer(this.#prng, 800, 2500);
  }
}

/** A line end comes with the indentation behind it: the editor puts it there. */
function keyAt(body: string, at: number): string {
  return body[at] === '\n' ? (/^\n[ \t]*/.exec(body.slice(at))?.[0] ?? '\n') : (body[at] ?? '');
}

/** What the editor puts behind the cursor at this key. */
function closerAt(
  body: string,
  at: number,
  key: string,
  pairs: ReadonlyMap<number, number>,
  ahead: string,
): string {
  const closer = pairs.get(at);
  if (closer !== undefined) return body[closer] ?? '';
  // Enter between brackets: the closing one goes to a line of its own.
  const behind = key.startsWith('\n') ? pairs.get(at - 1) : undefined;
  if (behind === undefined || !ahead.startsWith(body[behind] ?? '\0')) return '';
  return /\n[ \t]*$/.exec(body.slice(0, behind))?.[0] ?? '';
}
