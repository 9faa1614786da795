/** Runs commands where nothing but this machine can be reached: a network namespace that has only a loopback. Linux. */
import process from 'node:process';
import { run } from '../lib/processes.ts';

/** Brings the loopback up inside of the namespace, then becomes the command that follows. */
const enter = [
  ...['unshare', '--map-root-user', '--net'],
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'offline'],
];

/** What has to stand before a command; undefined where this machine cannot do it. */
export async function offlinePrefix(): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [command = '', ...args] = enter;
  return (await run(command, [...args, 'true'])).code === 0 ? enter : undefined;
}
