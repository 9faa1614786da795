import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { editedFile } from './harness/workspace.ts';

/** The main job: what was evaluated once is there when the window opens again. The tests build on each other. */
describe('a workspace in VS Code', () => {
  let session: Session;
  let baseTokens = 0;
  let uri = '';

  beforeAll(async () => {
    session = await Session.start({ name: 'warm-start' });
    uri = pathToFileURL(join(session.workspace, editedFile)).href;
  });
  afterAll(() => session.stop());

  it('evaluates its base once, offers ghost text, and Tab writes it into the file', async () => {
    await session.window('first-window', async (workbench) => {
      const base = await session.trace.next('base');
      expect(base.source).toBe('evaluated');
      expect(base.evaluated).toBeGreaterThan(100);
      expect(base.evaluated).toBe(base.tokens);
      baseTokens = base.tokens;
      await workbench.untilStatus(/Warmfork.*stand-in/);

      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      await workbench.ghostText();
      await workbench.screenshot('ghost-text-light');
      await workbench.acceptAndSave();
      // The engine's text, in which the bracket stands that the editor had closed; the ghost text is the rest of it.
      const saved = session.read(editedFile);
      const offered = session.trace.of('completion').filter(({ text }) => text !== '');
      const written = offered.filter(({ text }) =>
        saved.includes(`export function greetAll(${text}`),
      );
      expect(written, saved).not.toEqual([]);

      const kept = await session.trace.next('session', (event) => event.action === 'saved');
      expect(kept).toMatchObject({ kind: 'file', id: uri });
      expect(kept.tokens).toBeGreaterThan(0);
    });
    await session.untilIdle();
  });

  it('never evaluates the base for a completion', () => {
    const completions = session.trace.of('completion');
    expect(completions.length).toBeGreaterThan(0);
    for (const { promptTokens, evaluated, reused } of completions) {
      expect(reused).toBeGreaterThanOrEqual(baseTokens);
      expect(evaluated + reused).toBeLessThanOrEqual(promptTokens + baseTokens);
    }
  });

  it('restores base and file session when it is opened again', async () => {
    const seen = {
      base: session.trace.of('base').length,
      session: session.trace.of('session').length,
    };
    await session.window('second-window', async (workbench) => {
      const base = await session.trace.next('base', undefined, { skip: seen.base });
      expect(base).toMatchObject({ source: 'restored', evaluated: 0, tokens: baseTokens });

      await workbench.untilStatus(/Warmfork/);
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('\nexport const greetings = ');
      expect(await workbench.ghostText()).not.toBe('');

      const restored = await session.trace.next(
        'session',
        ({ action, id }) => action === 'restored' && id === uri,
        { skip: seen.session },
      );
      expect(restored.tokens).toBeGreaterThan(0);
      await workbench.save();
    });
  });
});
