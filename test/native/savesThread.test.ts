/** What is saved is written beside decodes, by a thread that leaves the processors to them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { append, createContext, loadLibrary, loadStandIn, someTokens } from './fixture.ts';

/** Nice values of all threads of this process, by thread. */
async function niceValues(): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  for (const thread of await readdir('/proc/self/task')) {
    const stat = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => '');
    // After the name, which may hold anything: state, … and, as the 17th, the nice value.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (stat !== '') values.set(thread, Number(fields[16]));
  }
  return values;
}

it.runIf(process.platform === 'linux')('yields, and no other thread does', async () => {
  const { SessionFile } = (await loadLibrary()).native;
  const folder = await mkdtemp(join(tmpdir(), 'warmfork-saves-'));
  const model = await loadStandIn();
  const context = await createContext(model);
  const tokens = someTokens(model, 40);
  await append(context, 0, tokens);
  const before = await niceValues();
  const file = await SessionFile.open(context, join(folder, 'one.session'), {
    mode: 'readWrite',
    scope: 'sequence',
    maxCells: 40,
  });
  await file.saveExported(tokens, await context.exportSequence(0));

  const own = before.get(String(process.pid)) ?? 0;
  const after = await niceValues();
  expect([...before.values()].every((nice) => nice === own)).toBe(true);
  const yielding = [...after.values()].filter((nice) => nice !== own);
  expect(yielding).toEqual(own < 10 ? [10] : []);

  await file.close();
  await context.close();
  await model.close();
  await rm(folder, { recursive: true });
});
