import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProblems } from '../../src/cache/storeCheck.ts';
import { scanStore } from '../../src/cache/storeScan.ts';
import type { Traced } from './harness/engineTrace.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

/** Two windows on one folder, each with an engine of its own: what is on disk is all they share. */
describe('a second window on the same folder', () => {
  let session: Session;
  beforeAll(async () => {
    const settings = { 'warmfork.engine.shared': false };
    session = await Session.start({ name: 'windows', settings });
  });
  afterAll(() => session.stop());

  it('evaluates no base; both complete and save one file; and one goes on without the other', async () => {
    await session.window('first-of-two', async (first) => {
      const base = await session.trace.next('base');
      expect(base.source).toBe('evaluated');
      await first.untilStatus(/Warmfork.*stand-in/);

      await session.window('second-of-two', async (second) => {
        const again = await session.trace.next('base', ({ pid }) => pid !== base.pid);
        expect(again).toMatchObject({ source: 'restored', evaluated: 0, tokens: base.tokens });
        await second.untilStatus(/Warmfork.*stand-in/);
        expect(session.enginePids().sort()).toEqual([base.pid, again.pid].sort());

        // Turn by turn in one file: each saves what the other then has on disk.
        const windows = [
          { window: first, pid: base.pid },
          { window: second, pid: again.pid },
        ];
        for (const { window } of windows) await window.openFile(editedFile);
        for (const [turn, { window, pid }] of [...windows, ...windows].entries()) {
          if (turn > 0) await untilShown(window, `greet${turn - 1}(`);
          await completes(window, pid, `export function greet${turn}(`);
          await window.save();
        }
        const text = session.read(editedFile);
        for (const turn of [0, 1, 2, 3]) expect(text).toContain(`greet${turn}(`);
        // Both kept a session of the file, under its one name; what is on disk is looked at in the end.
        const saved = session.trace.of('session').filter(({ action }) => action === 'saved');
        expect(new Set(saved.map(({ pid }) => pid))).toEqual(new Set([base.pid, again.pid]));

        process.kill(base.pid, 'SIGKILL');
        await completes(second, again.pid, 'export const alone = ');
        // The first has a new engine, with the same base and nothing evaluated for it.
        const back = await session.trace.next('base', ({ pid }) => {
          return pid !== base.pid && pid !== again.pid;
        });
        expect(back).toMatchObject({ source: 'restored', evaluated: 0, tokens: base.tokens });
        await second.save();
        await untilShown(first, 'alone = ');
        await completes(first, back.pid, 'export const together = ');
        await first.save();
        expect(session.read(editedFile)).toMatch(/alone = [^]*together = /);
      });
    });
    await session.untilIdle();
    expect(await findProblems(await scanStore(session.storage))).toEqual([]);
  });

  /** Types at the end of the file; the engine of this window answers, and evaluates nothing of the base for it. */
  async function completes(window: Workbench, pid: number, text: string): Promise<void> {
    const seen = session.trace.of('completion').length;
    await window.page.bringToFront();
    await window.focusEditor();
    await window.press('Control+End');
    await window.type(`\n${text}`);
    const ofThis = (event: Traced<'completion'>) => event.pid === pid;
    const { reused } = await session.trace.next('completion', ofThis, { skip: seen });
    expect(reused).toBeGreaterThanOrEqual(session.trace.of('base')[0]!.tokens);
    await window.press('Escape');
  }

  /** Until the window has read what the other one saved: otherwise it would refuse to write over it. */
  async function untilShown(window: Workbench, text: string): Promise<void> {
    await until(`${text} in the other window`, async () => {
      return (await window.editorText()).includes(text);
    });
  }
});
