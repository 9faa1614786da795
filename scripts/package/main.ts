/** `npm run package [-- --target NAME[,NAME …]|all]`: packages for this platform, for others, or for all that can be made here. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensurePackage } from './package.ts';
import { updateSizes, type SizeRow } from './sizes.ts';
import { CannotPackageError, hereTarget, targetNamed, targets, type Target } from './targets.ts';

/** What the marketplaces can be relied on to take, and a person to wait for. */
const largestBytes = 100e6;

const reasons: Readonly<Record<CannotPackageError['code'], string>> = {
  'unknown-target': 'no such target',
  'refused-target': 'not supported',
  'no-compiler': 'the addon is built by the workflow',
  'no-libraries': 'the registry at hand does not have the libraries',
};

const { values } = parseArgs({ options: { target: { type: 'string' } } });

try {
  const chosen = chooseTargets(values.target);
  const rows: SizeRow[] = [];
  for (const target of chosen) rows.push(await packageRow(target));
  for (const { target, size } of rows) console.log(`${target.padEnd(12)}  ${size}`);
  if (values.target === 'all') updateSizes(rows);
} catch (error) {
  if (!(error instanceof CannotPackageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function chooseTargets(names: string | undefined): readonly Target[] {
  if (names === undefined) return [hereTarget()];
  return names === 'all' ? targets : names.split(',').map(targetNamed);
}

/** Among all, a target that cannot be made here is a line in the table; asked for by name, it is an error. */
async function packageRow(target: Target): Promise<SizeRow> {
  try {
    const vsix = await ensurePackage(target);
    return { target: target.name, size: sizeOf(vsix) };
  } catch (error) {
    if (!(error instanceof CannotPackageError) || values.target !== 'all') throw error;
    console.log(error.message);
    return { target: target.name, size: `not made here: ${reasons[error.code]}` };
  }
}

function sizeOf(vsix: string): string {
  const bytes = statSync(vsix).size;
  if (bytes > largestBytes) {
    throw new Error(`${basename(vsix)} has ${bytes} bytes, more than ${largestBytes}`);
  }
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
