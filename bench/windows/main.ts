/**
 * What several windows cost: memory and evaluated tokens, with one engine for all of them and with one for each. Linux.
 *
 *     npm run bench:windows -- [--model GGUF | --shape 0.5b] [--windows 1,2,4,8] [--json FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot } from '../../scripts/lib/paths.ts';
import { oneOf } from '../lib/arguments.ts';
import { machineFacts } from '../lib/machine.ts';
import { markdownTable, shown } from '../lib/result.ts';
import { ensureShapeModel } from '../lib/shapeModel.ts';
import { measureWindows, ownSources, type WindowsCost } from './measure.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    shape: { type: 'string' },
    windows: { type: 'string', default: '1,2,4,8' },
    json: { type: 'string' },
  },
});
const shape =
  values.shape === undefined ? undefined : oneOf('shape', values.shape, ['0.5b', '1.5b']);
const model =
  values.model ?? (shape ? await ensureShapeModel(shape) : inRoot('models', 'stand-in.gguf'));
const counts = values.windows.split(',').map(Number);

const folder = mkdtempSync(join(tmpdir(), 'warmfork-bench-windows-'));
const params = ownSources(folder, model);
const rows: WindowsCost[] = [];
try {
  // Its first run evaluates the base; what is measured finds it on the disk.
  await measureWindows({ folder, params, windows: 1, shared: true });
  for (const shared of [true, false])
    for (const windows of counts)
      rows.push(await measureWindows({ folder, params, windows, shared }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function oneWindow({ shared }: WindowsCost): number {
  return rows.find((row) => row.shared === shared && row.windows === 1)?.pssMiB ?? Number.NaN;
}

console.log(
  markdownTable(
    ['engine', 'windows', 'processes', 'Pss, MiB', '× one window', 'base tokens evaluated'],
    rows.map((row) => [
      row.shared ? 'shared' : 'one each',
      String(row.windows),
      String(row.processes),
      shown(row.pssMiB),
      shown(row.pssMiB / oneWindow(row)),
      String(row.baseTokensEvaluated),
    ]),
  ),
);
if (values.json !== undefined)
  writeFileSync(values.json, JSON.stringify({ machine: machineFacts(model), rows }, null, 2));
