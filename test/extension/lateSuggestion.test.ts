import { expect, it } from 'vitest';
import { LateSuggestion, type Place } from '../../src/extension/inline/lateSuggestion.ts';

const here: Place = { uri: 'file:///a.ts', version: 3, offset: 10 };

function rig(): {
  late: LateSuggestion;
  asked: () => number;
  move: (to: Place | undefined) => void;
} {
  let place: Place | undefined = here;
  let asked = 0;
  const late = new LateSuggestion({ place: () => place, ask: () => asked++ });
  return { late, asked: () => asked, move: (to) => (place = to) };
}

it('asks once when there is an engine, where nothing could be said', () => {
  const { late, asked } = rig();
  late.served();
  expect([asked(), late.takeQuestion()]).toEqual([0, false]);
  late.missed();
  late.served();
  late.served();
  expect(asked()).toBe(1);
  expect([late.takeQuestion(), late.takeQuestion()]).toEqual([true, false]);
});

it.each<[string, Place | undefined]>([
  ['another document', { ...here, uri: 'file:///b.ts' }],
  ['other text', { ...here, version: 4 }],
  ['elsewhere', { ...here, offset: 11 }],
  ['something selected', { ...here, offset: undefined }],
  ['no editor', undefined],
])('does not ask with %s', (_what, place) => {
  const { late, asked, move } = rig();
  late.missed();
  move(place);
  late.served();
  move(here);
  late.served();
  expect([asked(), late.takeQuestion()]).toEqual([0, false]);
});

it('does not ask where something was selected from the beginning', () => {
  const { late, asked, move } = rig();
  move({ ...here, offset: undefined });
  late.missed();
  late.served();
  expect(asked()).toBe(0);
});
