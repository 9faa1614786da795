/** Takes files out of the page cache, as a restart of the machine would. */
import { run } from '../../scripts/lib/processes.ts';

/** Pages that some process has mapped stay: close them before. Throws when bytes of a file are still cached. */
export async function evict(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const options = ['oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
    await expectSuccess('dd', ['if=/dev/null', `of=${path}`, ...options]);
    const cached = await expectSuccess('fincore', ['--bytes', '--noheadings', '-o', 'RES', path]);
    if (Number(cached) > 0) throw new Error(`${cached.trim()} bytes of ${path} stay in the cache`);
  }
}

async function expectSuccess(command: string, args: readonly string[]): Promise<string> {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Error(`${command} failed: ${output}`);
  return output;
}
