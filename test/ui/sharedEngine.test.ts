import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProblems } from '../../src/cache/storeCheck.ts';
import { scanStore } from '../../src/cache/storeScan.ts';
import { Session } from './harness/session.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile, makeWorkspace } from './harness/workspace.ts';

/** Four windows, two on each of two folders: one engine process, one model, one base for each folder. */
describe('windows that share the engine', () => {
  let session: Session;
  let other: string;
  let typed = 0;
  beforeAll(async () => {
    session = await Session.start({ name: 'shared' });
    other = makeWorkspace(join(session.folder, 'other'));
  });
  afterAll(() => session.stop());

  it('evaluate each base once, are all served, and survive the engine and each other', async () => {
    await session.window('shared-one', async (one) => {
      const base = await session.trace.next('base');
      await one.untilStatus(/Warmfork.*stand-in/);
      await session.window('shared-two', async (two) => {
        await two.untilStatus(/Warmfork.*stand-in/);
        const window = (name: string, use: (workbench: Workbench) => Promise<void>) =>
          session.window(name, use, { folder: other });
        await window('shared-three', async (three) => {
          const otherBase = await session.trace.next('base', undefined, { skip: 1 });
          await three.untilStatus(/Warmfork.*stand-in/);
          await window('shared-four', async (four) => {
            await four.untilStatus(/Warmfork.*stand-in/);
            const windows = [one, two, three, four];
            expect(session.enginePids()).toEqual([base.pid]);
            expect(session.trace.of('model')).toMatchObject([{ action: 'loaded' }]);
            expect(session.trace.of('base')).toMatchObject([
              { source: 'evaluated', pid: base.pid },
              { source: 'evaluated', pid: base.pid },
            ]);
            for (const workbench of windows) await workbench.openFile(editedFile);
            for (const workbench of windows) await completes(workbench, base.pid);

            process.kill(base.pid, 'SIGKILL');
            // Of engines that start together one stays: the one that loads the model.
            const { pid: next } = await session.trace.next('model', ({ pid }) => pid !== base.pid);
            for (const workbench of windows) await completes(workbench, next);
            expect(session.enginePids()).toEqual([next]);
            const bases = session.trace.of('base').filter(({ pid }) => pid === next);
            expect(bases.map(({ source, tokens }) => [source, tokens]).sort()).toEqual(
              [base, otherBase].map(({ tokens }) => ['restored', tokens]).sort(),
            );
          });
          // Its neighbour has gone; this one goes on with the same engine.
          const [pid = 0] = session.enginePids();
          await completes(three, pid);
        });
      });
    });
    await session.untilIdle();
    expect(session.trace.of('base').filter(({ source }) => source === 'evaluated')).toHaveLength(2);
    expect(await findProblems(await scanStore(session.storage))).toEqual([]);
  });

  /**
   * Types something that nobody typed before at the end of the file: the engine answers this very window, and evaluates
   * nothing of the base for it.
   */
  async function completes(window: Workbench, pid: number): Promise<void> {
    const name = `greetNo${++typed}`;
    await window.page.bringToFront();
    await window.focusEditor();
    await window.press('Control+End');
    await window.type(`\nexport function ${name}(`);
    const { stats } = await session.answers.behind(new RegExp(`${name}\\($`));
    expect(stats?.reused).toBeGreaterThan(500);
    expect(session.trace.of('completion').at(-1)?.pid).toBe(pid);
    await window.press('Escape');
  }
});
