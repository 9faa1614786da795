import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { editedFile } from './harness/workspace.ts';

describe('kill -9 of the engine', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'engine-crash' });
  });
  afterAll(() => session.stop());

  it('costs one suggestion: the next one comes from the restored base, in the same extension host', async () => {
    await session.window('engine-crash', async (workbench) => {
      const base = await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      await workbench.ghostText();

      const host = session.hostPid();
      const engine = session.enginePid()!;
      // A stopped engine has the next request and does not answer it: it dies with a completion in hand.
      process.kill(engine, 'SIGSTOP');
      await workbench.press('Escape');
      await workbench.type('names');
      process.kill(engine, 'SIGKILL');

      const again = await session.trace.next('base', undefined, { skip: 1 });
      expect(again.pid).not.toBe(engine);
      expect(again).toMatchObject({ source: 'restored', evaluated: 0, tokens: base.tokens });
      await workbench.untilStatus(/Warmfork.*stand-in/);

      const seen = session.trace.of('completion').length;
      await workbench.type(': string[], ');
      await workbench.ghostText();
      const next = await session.trace.next('completion', ({ text }) => text !== '', {
        skip: seen,
      });
      expect(next.pid).toBe(again.pid);
      expect(session.hostPid()).toBe(host);
    });
  });
});
