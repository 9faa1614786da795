/** From a CPU profile of a thread that many share: how long some of its code kept it busy without a break. */
import type { Profiler } from 'node:inspector';

export interface Busy {
  /** Longest time without a break, in ms. */
  readonly longestMs: number;
  /** Functions of that code that took most of it, with their ms. */
  readonly longestIn: readonly string[];
  /** All of it, in ms. */
  readonly totalMs: number;
}

interface Stretch {
  micros: number;
  /** By function. */
  readonly parts: Map<string, number>;
}

/** A sample that came later than this found the thread not running: the time is not its own. In microseconds. */
const mostMicros = 1_000;
const collector = '(garbage collector)';

/**
 * Time with a function of a script that `isOurs` names on the stack. Collecting garbage does not count, nor is it a break: a
 * profile does not say for whom it is done, and to collect what a whole extension host holds takes 10 ms, whoever is interrupted.
 */
export function busyTime(profile: Profiler.Profile, isOurs: (url: string) => boolean): Busy {
  const stretches = stretchesOf(profile, ownFunctions(profile.nodes, isOurs));
  const [longest] = [...stretches].sort((left, right) => right.micros - left.micros);
  const parts = [...(longest?.parts ?? [])].sort(([, left], [, right]) => right - left);
  return {
    longestMs: (longest?.micros ?? 0) / 1000,
    longestIn: parts.slice(0, 5).map(([name, micros]) => `${name} ${(micros / 1000).toFixed(1)}`),
    totalMs: stretches.reduce((total, { micros }) => total + micros, 0) / 1000,
  };
}

function stretchesOf(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  owners: ReadonlyMap<number, string>,
): readonly Stretch[] {
  const collectors = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === collector).map(({ id }) => id),
  );
  const stretches: Stretch[] = [];
  let current: Stretch | undefined;
  for (const [at, id] of samples.entries()) {
    const owner = owners.get(id);
    if (owner === undefined) {
      if (!collectors.has(id)) current = undefined;
      continue;
    }
    if (current === undefined) stretches.push((current = { micros: 0, parts: new Map() }));
    // What a sample shows lasts until the next one.
    const micros = Math.min(timeDeltas[at + 1] ?? 0, mostMicros);
    current.micros += micros;
    current.parts.set(owner, (current.parts.get(owner) ?? 0) + micros);
  }
  return stretches;
}

/** Of each node with one of our functions on its stack, the innermost of them. */
function ownFunctions(
  nodes: readonly Profiler.ProfileNode[],
  isOurs: (url: string) => boolean,
): ReadonlyMap<number, string> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((one) => [one, id])),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = new Map<number, string>();
  for (const { id } of nodes) {
    let inner = byId.get(id);
    while (inner && !isOurs(inner.callFrame.url)) inner = byId.get(parents.get(inner.id) ?? -1);
    if (inner)
      owners.set(id, inner.callFrame.functionName || `line ${inner.callFrame.lineNumber + 1}`);
  }
  return owners;
}
