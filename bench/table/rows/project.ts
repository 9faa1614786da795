/**
 * Looking at a project of 100 to 20,000 files, in the thread that does it beside the engine: the first time, after an edit of
 * one file, and after a restart. Its worth is in the counts: what did not change is neither read nor parsed again.
 */
import { join } from 'node:path';
import { growthPerDoubling } from '../../lib/growth.ts';
import type { ResultRow } from '../../lib/result.ts';
import { measureProject } from '../../project/measureProject.ts';
import type { ScanCost, ScanCosts } from '../../project/scanCosts.ts';
import type { Bench } from '../part.ts';
import { factorWords } from './slopes.ts';
import { measuredRow, type Goal } from '../row.ts';

export async function projectPart(bench: Bench): Promise<ResultRow[]> {
  const folder = join(bench.folder, 'project');
  const measure = (nFiles: number): Promise<ScanCosts> => measureProject(folder, nFiles);
  const all: ScanCosts[] = [];
  // Only counts matter when it is quick, so nothing is lost by doing both at once.
  if (bench.quick) all.push(...(await Promise.all([50, 200].map(measure))));
  else for (const nFiles of [100, 1_000, 10_000, 20_000]) all.push(await measure(nFiles));
  return [...all.flatMap(timeRows), ...countRows(all.at(-1)!), ...growthRows(all)];
}

function rowFor({ nFiles }: ScanCosts) {
  const project = `project of ${nFiles.toLocaleString('en')} files`;
  return (name: string, unit: string, value: number, goal?: Goal): ResultRow =>
    measuredRow({ name: `${project}: ${name}`, unit, ours: [value], ...(goal && { goal }) });
}

function timeRows(costs: ScanCosts): ResultRow[] {
  const row = rowFor(costs);
  return [
    row('first look', 'ms', costs.first.ms),
    row('look after an edit of one file', 'ms', costs.edited.ms),
  ];
}

/** Of the largest. */
function countRows(costs: ScanCosts): ResultRow[] {
  const row = rowFor(costs);
  const { edited, restarted, peakMiB } = costs;
  const one: Goal = { kind: 'atMost', value: 1 };
  return [
    row('look after an edit and a restart', 'ms', restarted.ms),
    row('files read after an edit of one', 'files', edited.read, one),
    row('files parsed after an edit of one', 'files', edited.parsed, one),
    row("longest pause of the engine's thread meanwhile", 'ms', edited.pauseMs),
    row('memory of a look at its peak', 'MiB', peakMiB),
  ];
}

/** What is done for each file is its own cost; what grows faster would be a fault. */
function growthRows(all: readonly ScanCosts[]): ResultRow[] {
  const grown = (name: string, cost: (costs: ScanCosts) => number): ResultRow =>
    measuredRow({
      ...{ name: `${name}: ${factorWords} the files`, unit: '×' },
      ours: [growthPerDoubling(all.map((costs) => ({ at: costs.nFiles, cost: cost(costs) })))],
      goal: { kind: 'atMost', value: 2.1 },
    });
  const processor = (which: (costs: ScanCosts) => ScanCost) => (costs: ScanCosts) =>
    which(costs).processorMs;
  return [
    grown(
      'first look, processor time',
      processor(({ first }) => first),
    ),
    grown(
      'look after an edit, processor time',
      processor(({ edited }) => edited),
    ),
    grown('memory of a look', ({ peakMiB }) => peakMiB),
  ];
}
