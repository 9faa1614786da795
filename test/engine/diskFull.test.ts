/** A disk without room: nothing can be kept, and everything else goes on. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import process from 'node:process';
import { afterEach, expect, it } from 'vitest';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
let restore = async (): Promise<void> => undefined;
afterEach(async () => {
  await fixture.closeAll();
  await restore();
  await fixture.remove();
});

/** Makes the session cache a place where no session fits: a tiny file system where we may mount one, else read-only. */
async function fillStorage(): Promise<void> {
  await mkdir(fixture.storage, { mode: 0o700 });
  if (process.getuid?.() === 0) {
    const options = ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', fixture.storage];
    execFileSync('mount', options);
    restore = async () => void execFileSync('umount', [fixture.storage]);
  } else {
    await chmod(fixture.storage, 0o500);
    restore = () => chmod(fixture.storage, 0o700);
  }
}

it('completes and chats without persistence, and says so in the log', async () => {
  fixture = await Fixture.create();
  await fillStorage();
  const engine = fixture.start();
  const { state, base } = await engine.whenWarm();
  expect({ state, persisted: base?.persisted }).toEqual({ state: 'ready', persisted: false });

  const request = fixture.at('src/a.ts', 'const one = 1;\nconst two║\n');
  const first = await engine.complete(request, never);
  expect(first.stats.reused).toBe(base?.tokens);
  expect(await engine.saveAll()).toEqual({ saved: 0, bytes: 0 });
  // What could not be saved is still in memory.
  expect((await engine.complete(request, never)).stats.evaluated).toBe(1);
  const messages = [{ role: 'user', content: 'hello' }] as const;
  const answer = await engine.chat({ chatId: 'c', messages, maxTokens: 4 }, never, () => undefined);
  expect(answer.stats.generated).toBeGreaterThan(0);
  expect(fixture.logs.filter((line) => line.startsWith('warn')).join('\n')).toMatch(
    /could not be (kept|saved)|not kept/,
  );
});
