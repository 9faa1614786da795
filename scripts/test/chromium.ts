import { existsSync } from 'node:fs';
import process from 'node:process';
import { run } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';

const places = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium-like browser (the environment variable CHROMIUM comes first), or undefined. */
export function findChromium(): string | undefined {
  return places.find((place) => place !== '' && existsSync(place));
}

/** Finds Chromium, or installs Debian's where this process may. Undefined when there is none then. */
export async function ensureChromium(): Promise<string | undefined> {
  const found = findChromium();
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return found;
  await step('install Chromium (apt-get)', installChromium);
  return findChromium();
}

async function installChromium(): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', [...lock, 'update'], { env });
  const args = [...lock, 'install', '--yes', '--no-install-recommends', 'chromium'];
  const { code, output } = await run('apt-get', args, { env });
  if (code !== 0) console.log(output.slice(-2000));
}
