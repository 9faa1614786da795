/** Behind a restored base the first look at the project waits for a rest; who asks for it waits for none. */
import { afterEach, expect, it, vi } from 'vitest';
import { Activity } from '../../src/engine/activity.ts';
import { Fixture } from './engineFixture.ts';

let fixture: Fixture;
afterEach(async () => {
  vi.restoreAllMocks();
  await fixture.remove();
});

it('comes at once when a rebuild is asked for', async () => {
  fixture = await Fixture.create();
  const first = fixture.start();
  await first.whenWarm();
  await first.close();
  // There is never any rest.
  const rest = vi.spyOn(Activity.prototype, 'rest').mockImplementation(
    (_restMs, _atMostMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  );
  const engine = fixture.start();
  expect(await engine.rebuildBase()).toMatchObject({ persisted: true });
  expect(rest).toHaveBeenCalledOnce();
  expect(await engine.counters()).toMatchObject({ basesRestored: 1, baseTokensEvaluated: 0 });
});
