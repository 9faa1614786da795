import { describe, expect, it } from 'vitest';
import { restPlan } from '../../src/engine/broker/restPolicy.ts';

const minute = 60_000;
const plenty = { available: 8e9, total: 16e9 };
const scarce = { available: 1e9, total: 16e9 };

function plan(idle: readonly number[], memory = plenty, restAfterMs = 15 * minute) {
  const engines = idle.map((idleMs) => ({ idleMs }));
  const { rest, nextMs } = restPlan(engines, memory, restAfterMs);
  return { rest: rest.map(({ idleMs }) => idleMs), nextMs };
}

describe('which engines give their memory back', () => {
  it('those that nobody needed for long enough', () => {
    expect(plan([0, 14 * minute, 15 * minute, 40 * minute]).rest).toEqual([
      40 * minute,
      15 * minute,
    ]);
  });

  it('never one that works', () => {
    expect(plan([0, 0], scarce, 0.5).rest).toEqual([]);
    expect(plan([0, 0, 0, 0, 0, 0, 0]).rest).toEqual([]);
  });

  it('sooner where memory is scarce', () => {
    expect(plan([2 * minute, 10_000], scarce).rest).toEqual([2 * minute]);
    expect(plan([2 * minute, 10_000]).rest).toEqual([]);
  });

  it('those that wait longest where there are more projects than contexts', () => {
    expect(plan([5, 1, 4, 2, 3, 0]).rest).toEqual([5, 4]);
  });

  it('is asked again when the next one may be due, and not at all when everything rests', () => {
    expect(plan([14.5 * minute]).nextMs).toBe(0.5 * minute);
    expect(plan([0]).nextMs).toBe(minute); // memory may become scarce
    expect(plan([]).nextMs).toBeUndefined();
    expect(plan([20 * minute]).nextMs).toBeUndefined();
  });
});
