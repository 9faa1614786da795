/** Whose time a CPU profile shows: synthetic profiles with known stacks. */
import type { Profiler } from 'node:inspector';
import { describe, expect, it } from 'vitest';
import { busyTime } from '../../bench/host/stretches.ts';

/** root → ours (1) → a library's function that ours called (2); root → another's (3); the collector (4). */
function node(id: number, functionName: string, url: string, children: number[] = []) {
  const callFrame = { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 };
  return { id, callFrame, children };
}
const nodes: Profiler.ProfileNode[] = [
  node(9, '(root)', '', [1, 3, 4, 5]),
  node(1, 'ours', 'file:///dist/extension.cjs', [2]),
  node(2, 'called', 'node:fs'),
  node(3, 'others', 'file:///other.js'),
  node(4, '(garbage collector)', ''),
  node(5, '(idle)', ''),
];

/** Of samples that each last as many milliseconds. */
function busy(...samples: [id: number, ms: number][]) {
  const timeDeltas = [0, ...samples.map(([, ms]) => ms * 1000)];
  const profile = { nodes, startTime: 0, endTime: 0, samples: samples.map(([id]) => id) };
  return busyTime({ ...profile, timeDeltas }, (url) => url.endsWith('extension.cjs'));
}

describe('busy time', () => {
  it('counts what our functions call, and not what others do', () => {
    const result = busy([1, 0.5], [2, 0.25], [3, 0.5], [1, 0.25], [5, 1]);
    expect(result.totalMs).toBe(1);
    expect(result.longestMs).toBe(0.75);
    expect(result.longestIn).toEqual(['ours 0.8']);
  });

  it('takes collecting garbage neither for ours nor for a break', () => {
    expect(busy([4, 0.5], [1, 0.5], [4, 0.25], [1, 0.5], [5, 1])).toMatchObject({
      longestMs: 1,
      totalMs: 1,
    });
  });

  it('leaves out the time in which the thread did not run', () => {
    expect(busy([1, 50], [5, 1]).totalMs).toBe(1);
  });

  it('is nothing without samples', () => {
    expect(busy()).toEqual({ longestMs: 0, longestIn: [], totalMs: 0 });
  });
});
