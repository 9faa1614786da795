import { ensurePackage } from '../../../scripts/package/package.ts';

/** Before the first test of a run: the package that every session installs. */
export async function setup(): Promise<void> {
  await ensurePackage();
}
