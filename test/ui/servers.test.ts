import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { FakeServer, says } from '../servers/fakeServer.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

/** The local model, chosen as a person would: only then does it answer for a server. */
const local = { 'warmfork.model.path': inRoot('models', 'stand-in.gguf') };
const fromServer = 'names_of_the_server';
const secret = 'a-key-for-this-test-alone';

describe('a server for completions', () => {
  let session: Session;
  let server: FakeServer;

  beforeAll(async () => {
    server = await FakeServer.start();
    server.always((response, { path }) => says(path, fromServer)(response));
    session = await Session.start({ name: 'servers', settings: local });
  });
  afterAll(async () => {
    await session.stop();
    await server.stop();
  });

  /** What belongs to a machine stands in a file of its own; VS Code watches it. */
  function set(settings: Readonly<Record<string, unknown>>): void {
    const file = join(session.folder, 'profile', 'user-data', 'Machine', 'settings.json');
    writeFileSync(file, JSON.stringify({ ...local, ...settings }, null, 2));
  }

  /** Text that is offered behind a new call. */
  async function offered(workbench: Workbench, call: string): Promise<string> {
    await workbench.press('Escape');
    await workbench.press('Control+End');
    await workbench.press('Enter');
    await workbench.type(`${call}(`);
    return workbench.ghostText();
  }

  it('is switched to and back without a reload; while it is away the local model answers', async () => {
    await session.window('servers', async (workbench) => {
      await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.openFile(editedFile);
      expect(await offered(workbench, 'first')).not.toContain(fromServer);
      expect(server.asked).toHaveLength(0); // nothing is sent anywhere before somebody wants it
      const host = session.hostPid();

      set({ 'warmfork.server.completion.url': server.url });
      await workbench.untilStatus(/Warmfork.* · server$/);
      await until('the server to be asked', () => server.asked.length > 0);
      expect(await offered(workbench, 'second')).toContain(fromServer);
      await workbench.screenshot('server');

      const { port } = server;
      await server.stop();
      expect(await offered(workbench, 'third')).not.toContain(fromServer);
      await workbench.untilStatus(/Warmfork.*stand-in.* · server away$/);
      await workbench.screenshot('server-away');

      await server.listen(port);
      await workbench.untilStatus(/Warmfork.* · server$/);
      expect(await offered(workbench, 'fourth')).toContain(fromServer);

      set({});
      await workbench.untilStatus(/Warmfork(?!.*server).*stand-in/);
      const asked = server.asked.length;
      expect(await offered(workbench, 'fifth')).not.toContain(fromServer);
      expect(server.asked).toHaveLength(asked);
      expect(session.hostPid()).toBe(host);
      expect(await workbench.notifications()).toEqual([]);
    });
  });

  it('gets the key that is set for it, and no longer when it is cleared', async () => {
    set({ 'warmfork.server.completion.url': server.url });
    await session.window('server-key', async (workbench) => {
      await workbench.untilStatus(/Warmfork.* · server$/);
      await workbench.openFile(editedFile);
      const keyOf = (): string | undefined => server.asked.at(-1)?.headers.authorization;
      expect(await offered(workbench, 'sixth')).toContain(fromServer);
      expect(keyOf()).toBeUndefined();

      await workbench.command('Warmfork: Set Server Key');
      await workbench.page.waitForSelector('.quick-input-widget input[type=password]');
      await workbench.type(secret);
      await workbench.press('Enter');
      await until('a request with the key', () => keyOf() === `Bearer ${secret}`);
      await workbench.command('Warmfork: Copy Diagnostics');
      const copied = await until('the diagnostics', () => workbench.clipboard());
      expect(copied).toContain('warmfork.server.completion.url');
      expect(copied).not.toContain(secret);
      expect(copied).not.toContain(server.url);
      expect(filesWith(session.folder, secret)).toEqual([]);

      await workbench.command('Warmfork: Clear Server Key');
      await until('a request without a key', () => keyOf() === undefined);
    });
  });
});

/** Files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
