import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';

/** A language without a server here: VS Code suggests the words of the file, at once. */
const file = 'src/greet.py';

/** VS Code as it is set by default: its own suggestions open while a person types. */
describe('beside the suggest widget', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({
      name: 'suggest-widget',
      settings: {
        'editor.quickSuggestions': { other: 'on', comments: 'off', strings: 'off' },
        'editor.suggestOnTriggerCharacters': true,
      },
    });
    writeFileSync(join(session.workspace, file), 'def greeting(name):\n    return name\n\n');
  });
  afterAll(() => session.stop());

  it('ghost text goes on from the selected item', async () => {
    await session.window('suggest-widget', async (workbench) => {
      await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.openFile(file);
      await workbench.press('Control+End');
      await workbench.type('all_of_them = gree');
      const widget = workbench.page.locator('.suggest-widget.visible .monaco-list-row.focused');
      // Asked for by hand: while the language service starts, nothing opens by itself.
      await until(
        'the suggest widget',
        async () => {
          if ((await widget.count()) > 0) return true;
          await workbench.press('Control+Space');
          return false;
        },
        { everyMs: 1000 },
      );
      await workbench.screenshot('suggest-widget');
      expect(await workbench.ghostText()).not.toBe('');
      await workbench.screenshot('suggest-widget-ghost');
    });
  });
});
