/** What it costs to look at a project of a given size. */
import { mkdirSync } from 'node:fs';
import process from 'node:process';
import { runOrThrow } from '../../scripts/lib/processes.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { ScanCosts } from './scanCosts.ts';

/** Writes the project into a folder of its own below `folder`, which goes again. */
export async function measureProject(folder: string, nFiles: number): Promise<ScanCosts> {
  mkdirSync(folder, { recursive: true });
  const program = inRoot('bench', 'project', 'measureScan.ts');
  const args = ['--import', 'tsx', program, folder, String(nFiles)];
  const output = await runOrThrow(process.execPath, args);
  const line = output.split('\n').find((one) => one.startsWith('{'));
  return JSON.parse(line ?? '') as ScanCosts;
}
