import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TextDeltas } from '../../src/engine/textDeltas.ts';

const sent: string[] = [];
let deltas: TextDeltas;

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  deltas = new TextDeltas((text) => sent.push(text));
});
afterEach(() => vi.useRealTimers());

it('sends the first text at once, and what comes soon after it together', () => {
  deltas.add('a');
  expect(sent).toEqual(['a']);
  deltas.add('b');
  deltas.add('c');
  vi.advanceTimersByTime(49);
  expect(sent).toEqual(['a']);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(['a', 'bc']);
  deltas.add('d');
  vi.advanceTimersByTime(50);
  expect(sent).toEqual(['a', 'bc', 'd']);
});

it('sends at once again after a pause', () => {
  deltas.add('a');
  vi.advanceTimersByTime(50);
  deltas.add('b');
  expect(sent).toEqual(['a', 'b']);
});

it('keeps nothing back at the end, and sends nothing after it', () => {
  deltas.add('a');
  deltas.add('b');
  deltas.flush();
  expect(sent).toEqual(['a', 'b']);
  deltas.flush();
  vi.advanceTimersByTime(100);
  expect(sent).toEqual(['a', 'b']);
});
