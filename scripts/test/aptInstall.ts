import { existsSync } from 'node:fs';
import process from 'node:process';
import { run } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';

/** Installs Debian packages where this process may; false where it may not, or when that failed. */
export async function aptInstall(packages: readonly string[]): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  return step(`install ${packages.join(', ')} (apt-get)`, () => install(packages));
}

async function install(packages: readonly string[]): Promise<boolean> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', [...lock, 'update'], { env });
  const args = [...lock, 'install', '--yes', '--no-install-recommends', ...packages];
  const { code, output } = await run('apt-get', args, { env });
  if (code !== 0) console.log(output.slice(-2000));
  return code === 0;
}
