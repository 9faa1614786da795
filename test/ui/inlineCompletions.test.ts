import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

/** VS Code's own commands, on keys that nothing else has. */
const keybindings = [
  { key: 'ctrl+alt+1', command: 'editor.action.inlineSuggest.acceptNextWord' },
  { key: 'ctrl+alt+2', command: 'editor.action.inlineSuggest.acceptNextLine' },
  { key: 'ctrl+alt+3', command: 'editor.action.inlineSuggest.trigger' },
];
const acceptWord = 'Control+Alt+1';
const acceptLine = 'Control+Alt+2';
const trigger = 'Control+Alt+3';

/** Ghost text as a person uses it. One window for all: the tests follow each other. */
describe('inline completions', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({
      name: 'inline',
      settings: {
        // What is asked ahead is asked of the engine too: without it every engine call is somebody's question.
        'warmfork.inline.prefetch': false,
        // What is typed is what stands there.
        'editor.autoIndent': 'none',
        'editor.autoClosingComments': 'never',
      },
    });
    const user = join(session.folder, 'profile', 'user-data', 'User');
    mkdirSync(user, { recursive: true });
    writeFileSync(join(user, 'keybindings.json'), JSON.stringify(keybindings));
  });
  afterAll(() => session.stop());

  const engineCalls = (): number => session.trace.of('completion').length;

  it(
    'are shown, kept while typed or accepted in part, and go when nobody wants them',
    { timeout: 600_000 },
    async () => {
      await session.window('inline', async (workbench) => {
        await session.trace.next('base');
        await workbench.untilStatus(/Warmfork.*stand-in/);
        await workbench.openFile(editedFile);
        await workbench.press('Control+End');

        await typeAsSuggested(workbench);
        await acceptWords(workbench);
        await acceptLines(workbench);
        await escape(workbench);
        await snooze(workbench);
        await languageOff(workbench);
      });
    },
  );

  async function typeAsSuggested(workbench: Workbench): Promise<void> {
    await workbench.type('export function greetAll(');
    const ghost = await someGhost(workbench, (text) => text.length > 3);
    await workbench.screenshot('inline-ghost-text');
    const calls = engineCalls();
    await workbench.type(ghost.slice(0, 2));
    await untilGhost(workbench, ghost.slice(2));
    await workbench.press('Backspace');
    await untilGhost(workbench, ghost.slice(1));
    await onlyTheNextKeyAsks(workbench, calls);
  }

  async function acceptWords(workbench: Workbench): Promise<void> {
    const ghost = await someGhost(workbench, (text) => /^ ?\w+ ?[^\w\n ].{1,40}$/.test(text));
    const calls = engineCalls();
    await workbench.press(acceptWord);
    await until('ghost text without its first word', async () => {
      const now = await workbench.ghostTextNow();
      return now !== undefined && now.length < ghost.length && ghost.endsWith(now);
    });
    await workbench.screenshot('inline-word-accepted');
    await onlyTheNextKeyAsks(workbench, calls);
  }

  async function acceptLines(workbench: Workbench): Promise<void> {
    await workbench.type(') {}\n/*');
    const text = await someGhost(workbench, isTwoLines, comments);
    const calls = engineCalls();
    await workbench.press(acceptLine);
    const [firstLine = '', nextLine = ''] = text.split('\n');
    await until('the lines after the first', async () => {
      const now = withoutSpace((await workbench.ghostTextNow()) ?? '');
      const isRest = !now.includes(withoutSpace(firstLine));
      // Long lines are cut short on the screen.
      return isRest && now.includes(withoutSpace(nextLine).slice(0, 20));
    });
    await workbench.screenshot('inline-line-accepted');
    await onlyTheNextKeyAsks(workbench, calls);
  }

  /** A key that was not suggested is the first one that the engine hears of. */
  async function onlyTheNextKeyAsks(workbench: Workbench, calls: number): Promise<void> {
    expect(engineCalls()).toBe(calls);
    const asked = requests();
    await workbench.type('\u00a7');
    await session.answers.last(/\u00a7$/);
    expect(engineCalls()).toBe(calls + 1);
    expect(requests()).toBe(asked + 1);
  }

  /** Requests that the answers so far have cost. */
  function requests(): number {
    return session.answers.all().reduce((sum, { attempts }) => sum + attempts, 0);
  }

  async function escape(workbench: Workbench): Promise<void> {
    await someGhost(workbench);
    await workbench.press('Escape');
    await untilGhost(workbench, undefined);
    await workbench.press(trigger);
    await workbench.ghostText();
    await workbench.press('ArrowUp');
    await untilGhost(workbench, undefined);
    await workbench.press('Control+End');
  }

  async function snooze(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Snooze Inline Completions');
    await workbench.page.waitForSelector(
      '.quick-input-list .monaco-list-row:has-text("5 minutes")',
    );
    await workbench.press('Enter');
    await workbench.untilStatus(/snoozed until/);
    await workbench.screenshot('inline-snoozed');
    const calls = engineCalls();
    await workbench.focusEditor();
    await workbench.type('x');
    expect(await why(workbench, 'inline-why-snoozed')).toMatch(/snoozed until/);
    expect(engineCalls()).toBe(calls);
    await workbench.page.click('.notification-toast .monaco-button:has-text("End Snooze")');
    await workbench.untilStatus(/stand-in/);
    await workbench.focusEditor();
    await workbench.type('y');
    await someGhost(workbench);
    expect(await why(workbench, 'inline-why-offered')).toMatch(/was offered/);
  }

  async function languageOff(workbench: Workbench): Promise<void> {
    await workbench.openFile('README.md');
    await workbench.press('Control+End');
    const calls = engineCalls();
    await workbench.type('And ');
    expect(await why(workbench, 'inline-why-language')).toMatch(/switched off for markdown/);
    expect(await workbench.ghostTextNow()).toBeUndefined();
    expect(engineCalls()).toBe(calls);
  }

  /** What is offered, when it is of that kind: where the stand-in model has nothing like it, a little more is typed. */
  async function someGhost(
    workbench: Workbench,
    fits: (text: string) => boolean = () => true,
    texts = words,
  ): Promise<string> {
    for (const more of texts) {
      await workbench.type(more);
      const line = more.slice(more.lastIndexOf('\n') + 1);
      const { text } = await session.answers.last(endingWith(line));
      if (text === '' || !fits(text)) continue;
      await workbench.ghostText();
      return text;
    }
    throw new Error('the stand-in model offered nothing that fits');
  }
});

const words = ['all', ' for', ' = get(', 'the', ', no', ' {', 'let ', 'x = new ', 'Map(', ', y'];
/** Each begins a comment, of which the stand-in model makes several lines. */
const comments = ['value ', 'One ', 'user ', 'Map ', 'limit ', 'total ', 'set ', 'string '].map(
  (word) => `*/\n/**\n${word}`,
);

function endingWith(text: string): RegExp {
  return new RegExp(`${text.replace(/[^\w\s]/g, '\\$&')}$`);
}

/** Two lines that are not alike. */
function isTwoLines(text: string): boolean {
  const [first = '', next = ''] = text.split('\n').map(withoutSpace);
  return first !== '' && next !== '' && !next.includes(first);
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}

function untilGhost(workbench: Workbench, ghost: string | undefined): Promise<boolean> {
  const isThere = async () => (await workbench.ghostTextNow()) === ghost;
  return until(`ghost text ${JSON.stringify(ghost)}`, isThere);
}

/** What the command says, in the only message that shows. */
async function why(workbench: Workbench, screenshot: string): Promise<string> {
  // An earlier explanation may still show.
  await workbench.command('Notifications: Clear All Notifications');
  await until('no notification', async () => (await workbench.notifications()).length === 0);
  await workbench.command('Warmfork: Why No Suggestion?');
  const words = await until('an explanation', async () => (await workbench.notifications()).at(-1));
  await workbench.screenshot(screenshot);
  return words;
}
