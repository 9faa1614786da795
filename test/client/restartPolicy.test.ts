import { describe, expect, it } from 'vitest';
import { RestartPolicy } from '../../src/client/restartPolicy.ts';

function decisions(policy: RestartPolicy, times: readonly number[]): (number | 'giveUp')[] {
  return times.map((time) => {
    const decision = policy.crashed(time);
    return decision.kind === 'restart' ? decision.delayMs : decision.kind;
  });
}

describe('RestartPolicy', () => {
  it('waits twice as long after each crash and gives up at the fifth in three minutes', () => {
    expect(decisions(new RestartPolicy(), [0, 1, 2, 3, 4])).toEqual([
      250,
      500,
      1000,
      2000,
      'giveUp',
    ]);
  });

  it('never waits longer than ten seconds', () => {
    const policy = new RestartPolicy({ maxCrashes: 100 });
    expect(decisions(policy, [0, 0, 0, 0, 0, 0, 0, 0]).slice(-3)).toEqual([8000, 10_000, 10_000]);
  });

  it('forgets crashes that are older than the window', () => {
    const policy = new RestartPolicy();
    expect(decisions(policy, [0, 1, 2, 3, 180_002])).toEqual([250, 500, 1000, 2000, 500]);
  });

  it('starts from the beginning after a reset', () => {
    const policy = new RestartPolicy();
    decisions(policy, [0, 1, 2, 3, 4]);
    policy.reset();
    expect(decisions(policy, [5])).toEqual([250]);
  });
});
