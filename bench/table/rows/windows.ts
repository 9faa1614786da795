/** Several windows on one project: memory, and what the second evaluates. Linux: elsewhere nobody tells shared pages apart. */
import { join } from 'node:path';
import process from 'node:process';
import type { ResultRow } from '../../lib/result.ts';
import { measureWindows, type WindowsCost } from '../../windows/measure.ts';
import type { Bench } from '../part.ts';
import { makeProject } from '../project.ts';
import { measuredRow } from '../row.ts';

export async function windowsPart(bench: Bench): Promise<ResultRow[]> {
  if (process.platform !== 'linux') return [];
  const { params } = makeProject(bench, 'windows');
  const folder = join(bench.folder, 'windows');
  const measure = (windows: number, shared: boolean): Promise<WindowsCost> =>
    measureWindows({ folder, params, windows, shared });
  await measure(1, true); // evaluates the base; what is measured finds it on the disk
  const rows: ResultRow[] = [];
  for (const shared of [true, false]) {
    const one = await measure(1, shared);
    for (const windows of bench.quick ? [2] : [2, 4, 8])
      rows.push(...rowsOf(await measure(windows, shared), one));
  }
  return rows;
}

function rowsOf(many: WindowsCost, one: WindowsCost): ResultRow[] {
  const engines = many.shared ? 'one engine' : 'an engine each';
  const what = `${many.windows} windows, ${engines}`;
  return [
    measuredRow({
      ...{ name: `${what}: memory, of one window's`, unit: '×' },
      ours: [many.pssMiB / one.pssMiB],
      ...(many.shared && { goal: { kind: 'atMost', value: 1.15 } }),
    }),
    measuredRow({
      ...{ name: `${what}: memory`, unit: 'MiB', ours: [many.pssMiB] },
      peers: { 'one window': [one.pssMiB] },
    }),
    measuredRow({
      ...{ name: `${what}: base tokens evaluated`, unit: 'tokens' },
      ...{ ours: [many.baseTokensEvaluated], goal: { kind: 'atMost', value: 0 } },
    }),
  ];
}
