import { expect, it } from 'vitest';
import { Activity } from '../../src/engine/activity.ts';

/** A clock that tells how often it was looked at. */
class LookedAtClock {
  at = 0;
  #looks = 0;
  #waiting: (() => void) | undefined;

  readonly now = (): number => {
    this.#looks++;
    this.#waiting?.();
    return this.at;
  };

  /** Resolves when somebody has looked `times` more often. */
  looks(times: number): Promise<void> {
    const wanted = this.#looks + times;
    return new Promise((resolve) => {
      this.#waiting = () => this.#looks >= wanted && resolve();
    });
  }
}

function resting(activity: Activity, signal = new AbortController().signal) {
  const state = { isOver: false };
  const over = activity.rest(1, 100, signal).then(() => (state.isOver = true));
  return { state, over };
}

it('rests when nobody has asked for a while from now on', async () => {
  const clock = new LookedAtClock();
  const { state, over } = resting(new Activity(clock.now));
  await clock.looks(5);
  expect(state.isOver).toBe(false);
  clock.at = 1;
  await over;
});

it('waits for who asks, and for what was done last, but not for ever', async () => {
  const clock = new LookedAtClock();
  const activity = new Activity(clock.now);
  let answer = (): void => undefined;
  const asking = activity.during(() => new Promise<void>((resolve) => (answer = resolve)));
  const first = resting(activity);
  clock.at = 50;
  await clock.looks(5);
  expect(first.state.isOver).toBe(false);
  clock.at = 100;
  await first.over;

  const second = resting(activity);
  answer();
  await asking;
  clock.at = 101;
  await second.over;
});

it('ends at once when everything ends', async () => {
  const ending = new AbortController();
  const { over } = resting(new Activity(() => 0), ending.signal);
  ending.abort();
  await over;
});
