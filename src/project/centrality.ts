import Graph from 'graphology';
import pagerank from 'graphology-metrics/centrality/pagerank.js';

import { byCodeUnits } from './codeUnitOrder.ts';
import type { ImportGraph } from './importGraph.ts';

/**
 * How much the project leans on each file: PageRank over imports, so that what important files
 * import is important too. 1 is the average; the numbers are the same on every machine, since nodes
 * and edges are always taken in the same order.
 *
 * With `workedOn`, what those files lean on counts more: every second step of the walk goes back to
 * one of them.
 */
export function centrality(
  graph: ImportGraph,
  workedOn: readonly string[] = [],
): ReadonlyMap<string, number> {
  const paths = [...graph.keys()].sort(byCodeUnits);
  if (paths.length === 0) return new Map();
  const network = new Graph({ type: 'directed' });
  for (const path of paths) network.addNode(path);
  for (const path of paths) addEdges(network, path, graph.get(path));
  const starts = workedOn.filter((path) => graph.has(path)).sort(byCodeUnits);
  if (starts.length > 0) addPerson(network, paths, starts);
  const ranks = pagerank(network, { getEdgeWeight: 'weight' });
  return new Map(paths.map((path) => [path, (ranks[path] ?? 0) * paths.length]));
}

function addEdges(network: Graph, path: string, targets: ReadonlyMap<string, number> = new Map()) {
  const sorted = [...targets].sort(([left], [right]) => byCodeUnits(left, right));
  for (const [target, weight] of sorted) {
    if (network.hasNode(target)) network.addDirectedEdge(path, target, { weight });
  }
}

/** No path has this name: paths hold no control characters. */
const PERSON = '\0';

function addPerson(network: Graph, paths: readonly string[], starts: readonly string[]): void {
  network.addNode(PERSON);
  for (const path of paths) {
    const weight = network.reduceOutEdges(
      path,
      (sum, _edge, { weight: one }) => sum + Number(one),
      0,
    );
    network.addDirectedEdge(path, PERSON, { weight: weight || 1 });
  }
  for (const path of starts) network.addDirectedEdge(PERSON, path, { weight: 1 });
}
