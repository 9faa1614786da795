import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const linuxSupplies = '/sys/class/power_supply';

/** What this machine runs on; undefined where the platform does not tell (Windows) or there is no battery. Never rejects. */
export async function powerSource(platform: NodeJS.Platform): Promise<PowerSource | undefined> {
  try {
    if (platform === 'linux') return await linuxPowerSource(linuxSupplies);
    if (platform === 'darwin') return await macPowerSource();
  } catch {
    // A machine without battery has no such folder; what cannot be told counts as not told.
  }
  return undefined;
}

export type PowerSource = 'battery' | 'mains';

/** `folder` is laid out as the kernel's class power_supply. */
export async function linuxPowerSource(folder: string): Promise<PowerSource | undefined> {
  let isDischarging = false;
  for (const name of await readdir(folder)) {
    const read = (file: string): Promise<string> => readAttribute(join(folder, name, file));
    if ((await read('online')) === '1') return 'mains';
    // Mice and headsets have batteries too.
    const isOfMachine = (await read('type')) === 'Battery' && (await read('scope')) !== 'Device';
    if (isOfMachine && (await read('status')) === 'Discharging') isDischarging = true;
  }
  return isDischarging ? 'battery' : undefined;
}

async function readAttribute(path: string): Promise<string> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

async function macPowerSource(): Promise<PowerSource> {
  const { stdout } = await promisify(execFile)('pmset', ['-g', 'batt'], { timeout: 2_000 });
  return /Battery Power/.test(stdout) ? 'battery' : 'mains';
}
