import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { AnswerEntry } from '../../src/extension/chat/shared/chatEntry.ts';
import type { ShownEntry, ToWebview } from '../../src/extension/chat/shared/chatProtocol.ts';
import { chatHtml } from '../../src/extension/chat/chatHtml.ts';
import { themeVariables, type ThemeClass } from './harness/themeVariables.ts';
import { openPage } from './harness/workbench.ts';

const code = 'Here it is:\n\n```ts\nexport const answer: number = 42;\n```\n';

/** The page as the extension makes it, under its own content security policy, with the test in the extension's place. */
describe('the chat page', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  const received: { readonly kind: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [type, body] = resource(request.url ?? '/');
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    [browser, page] = await openPage(`http://127.0.0.1:${port}/`, {
      expose: { toHost: (message: { readonly kind: string }) => void received.push(message) },
    });
    await page.waitForSelector('.composer textarea');
  });

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function post(message: ToWebview): Promise<void> {
    await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
  }

  async function show(entries: readonly ShownEntry[], isPrivate = false): Promise<void> {
    const conversation = { id: 'a', title: 'A', isPrivate, entries };
    await post({ kind: 'conversation', conversation });
  }

  const stats = { evaluated: 12, reused: 3456, generated: 9, firstTokenMs: 7, tokensPerSecond: 20 };
  const question = (id: number, text: string): ShownEntry => ({ kind: 'question', id, text });
  const answerOf = (id: number, text: string, more: Partial<AnswerEntry> = {}): ShownEntry => ({
    ...{ kind: 'answer', id, text, state: 'done', stats },
    ...more,
  });

  it('highlights code, and says what an answer cost', async () => {
    await show([question(1, 'Show <b>me</b>'), answerOf(2, code)]);
    expect(await page.locator('.question').innerText()).toContain('<b>me</b>');
    await page.waitForSelector('.answer pre .hljs-keyword:has-text("export")');
    const facts = await page.locator('.answer footer').innerText();
    expect(facts).toContain('3,456 reused');
    expect(facts).toMatch(/first token 7.*20\.0 tokens\/s/);
  });

  it('asks the extension to copy, insert, apply and open code', async () => {
    const text = 'export const answer: number = 42;\n';
    for (const name of ['Copy code', 'Insert code', 'Apply code', 'Open code as a new file'])
      await page.getByRole('button', { name }).click();
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await expect.poll(() => received).toContainEqual({ kind: 'copy', text: code });
    for (const kind of ['copy', 'insert', 'apply']) expect(received).toContainEqual({ kind, text });
    expect(received).toContainEqual({ kind: 'newFile', text, language: 'ts' });
  });

  it('shows versions, and asks for retry, edit and branch', async () => {
    const version = { index: 1, count: 2 };
    await show([question(1, 'One'), { ...answerOf(2, 'Two'), version }]);
    await page.locator('.answer').getByRole('button', { name: 'Previous version' }).click();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByRole('button', { name: 'Branch from here' }).click();
    await page.getByRole('button', { name: 'Edit question' }).click();
    await page.locator('.edit textarea').fill('Other');
    await page.locator('.edit textarea').press('Enter');
    await expect.poll(() => received).toContainEqual({ kind: 'edit', id: 1, text: 'Other' });
    expect(received).toContainEqual({ kind: 'switchVersion', id: 2, step: -1 });
    expect(received).toContainEqual({ kind: 'retry', id: 2 });
    expect(received).toContainEqual({ kind: 'branch', id: 2 });
    expect(await page.locator('.versions').innerText()).toBe('2/2');
  });

  it('appends what streams in without touching what is there, and offers to stop it', async () => {
    await show([question(3, 'More'), answerOf(4, '', { state: 'streaming' })]);
    for (const text of ['First.\n\n', 'Second.\n\n', 'Third '])
      await post({ kind: 'delta', id: 4, text });
    await page.waitForSelector('.answer.streaming .block:nth-child(3):has-text("Third")');
    await page.evaluate(`document.querySelector('.answer .block').dataset.kept = 'yes'`);
    for (const text of ['**four**', '\n\n```ts\nconst a = 1;'])
      await post({ kind: 'delta', id: 4, text });
    await page.waitForSelector('.answer.streaming strong:has-text("four")');
    await page.waitForSelector('.answer.streaming pre .hljs-keyword');
    expect(await page.locator('.answer .block[data-kept]').count()).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => received).toContainEqual({ kind: 'stop' });
  });

  it('folds what was thought', async () => {
    await show([question(1, 'Q'), answerOf(2, '<think>Let me see.</think>\n\nYes.')]);
    await page.waitForSelector('.answer .markdown:has-text("Yes.")');
    expect(await page.locator('.answer .markdown').innerText()).toBe('Yes.');
    expect(await page.locator('.thought').isVisible()).toBe(false);
    await page.locator('.thinking summary').click();
    expect(await page.locator('.thought').innerText()).toBe('Let me see.');
  });

  it('shows a hostile answer as text and runs nothing', async () => {
    const requests: string[] = [];
    page.on('request', (request) => void requests.push(request.url()));
    const hostile = [
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
      '[x](javascript:window.hacked=1) [y](command:workbench.action.quit) ![z](https://example.com/z.png)',
      '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe><svg onload="window.hacked=1">',
      '```html"><script>window.hacked=1</script>\n</code></pre><script>window.hacked=1</script>\n```',
      '| <b onclick="window.hacked=1">x</b> |\n|---|\n| <style>*{display:none}</style> |',
      '<think><script>window.hacked=1</script></think>',
    ].join('\n\n');
    await show([question(1, hostile), answerOf(2, hostile)]);
    await page.waitForSelector('.answer:has-text("onerror")');
    const made = '.answer :is(img, script, iframe, style, svg[onload], [onclick], [onerror])';
    expect(await page.locator(made).count()).toBe(0);
    const links = await page
      .locator('.answer a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(links).toEqual([]);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('stays within its width and usable with a huge block and an endless line', async () => {
    const huge = '```ts\n' + 'const value = compute(a, b);\n'.repeat(4000) + '```\n';
    const endless = 'x'.repeat(200_000);
    await page.setViewportSize({ width: 300, height: 600 });
    await show([question(1, endless), answerOf(2, `${huge}\n${endless}\n\n\`${endless}\``)]);
    await page.waitForSelector('.answer .code');
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    const main = await page.evaluate(
      `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('main'))`,
    );
    expect(main).toBeLessThanOrEqual(0);
    expect(
      await page
        .locator('.code pre')
        .first()
        .evaluate((pre) => pre.clientHeight),
    ).toBeLessThan(600);
  });

  it('works by keyboard alone, at 300 px', async () => {
    await show([question(1, 'Q'), answerOf(2, code)]);
    await post({ kind: 'attachments', attachments: [{ id: 7, name: 'src/a.ts:1-9' }] });
    const context = { window: 8192, base: 4096, history: 900, attachments: 200, room: 2932 };
    await post({ kind: 'context', context });
    const input = page.locator('.composer textarea');
    await input.focus();
    await page.keyboard.type('/fi');
    await page.waitForSelector('.suggestions li[aria-selected="true"]:has-text("/fix")');
    expect(await input.getAttribute('aria-activedescendant')).toBe('suggestion-0');
    await page.keyboard.press('Enter');
    expect(await input.inputValue()).toBe('/fix ');
    await page.keyboard.type('it @');
    await page.keyboard.press('ArrowDown');
    await screenshot('chat-page-narrow');
    await page.keyboard.press('Tab');
    await expect.poll(() => received).toContainEqual({ kind: 'attach', what: 'selection' });
    expect(await input.inputValue()).toBe('/fix it ');
    await page.keyboard.press('Enter');
    await expect.poll(() => received).toContainEqual({ kind: 'send', text: '/fix it' });
    // Every button is reached by Tab and has a name.
    const names = new Set<string>();
    await page.locator('main').focus();
    for (let step = 0; step < 20; step++) {
      await page.keyboard.press('Tab');
      names.add(
        await page.evaluate(
          `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent)`,
        ),
      );
    }
    for (const name of [
      'Edit question',
      'Copy code',
      'Ask again',
      'Branch from here',
      'Copy answer',
      'Remove src/a.ts:1-9',
      'Message',
    ])
      expect(Array.from(names)).toContain(name);
    expect(await page.locator('.meter').getAttribute('aria-label')).toContain('attachments 200');
    const nameless = await page
      .locator('button')
      .evaluateAll(
        (all) => all.filter((b) => !b.getAttribute('aria-label') && !b.textContent).length,
      );
    expect(nameless).toBe(0);
  });

  it('searches, renames and opens earlier chats by keyboard', async () => {
    await post({
      kind: 'history',
      items: [
        { id: 'a', title: 'About greet', updatedAt: 1, isCurrent: true },
        {
          id: 'b',
          title: 'A very long title that does not fit into the narrow panel at all',
          updatedAt: 1,
          isCurrent: false,
        },
      ],
    });
    await page.waitForSelector('section.history input');
    await page.keyboard.type('long');
    await expect.poll(() => page.locator('section.history li').count()).toBe(1);
    await screenshot('chat-history-narrow');
    await page.getByRole('button', { name: /^Rename/ }).click();
    await page.keyboard.type('Short');
    await page.keyboard.press('Enter');
    await expect.poll(() => received).toContainEqual({ kind: 'rename', id: 'b', title: 'Short' });
    await page.keyboard.press('Escape');
    await page.locator('section.history input').press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => received).toContainEqual({ kind: 'open', id: 'b' });
    expect(await page.locator('section.history').isVisible()).toBe(false);
  });

  it.each(Object.keys(themeVariables) as ThemeClass[])('can be read in %s', async (theme) => {
    const variables = {
      'font-family': 'sans-serif',
      'font-size': '13px',
      'editor-font-family': 'monospace',
      'editor-font-size': '13px',
      ...themeVariables[theme],
    };
    await page.evaluate(`{
      document.body.className = ${JSON.stringify(theme)};
      const { style } = document.documentElement;
      style.cssText = '';
      for (const [name, value] of Object.entries(${JSON.stringify(variables)}))
        style.setProperty('--vscode-' + name, value);
      document.body.style.background = 'var(--vscode-sideBar-background)';
    }`);
    await page.setViewportSize({ width: 300, height: 760 });
    const version = { index: 0, count: 2 };
    const text = `<think>Hm.</think>It **returns** \`42\`:\n\n${code}\n> quoted\n\n[link](https://example.com)`;
    await show(
      [
        {
          ...question(1, 'What does it return?'),
          attachments: [{ name: 'src/a.ts', text: '' }],
          version,
        } as ShownEntry,
        answerOf(2, text),
        question(3, 'And then?'),
        answerOf(4, 'Half of', {
          state: 'failed',
          note: 'The engine stopped while it was answering.',
        }),
      ],
      true,
    );
    await page.locator('.composer textarea').fill('/');
    await page.locator('.suggestions li').first().waitFor();
    await page.waitForSelector('.answer .hljs-keyword');
    await screenshot(`chat-page-${theme}`);
    for (const selector of [
      '.bubble p',
      '.markdown p',
      '.code-action',
      '.facts span',
      '.note.failed',
      '.suggestions li b',
    ])
      expect(await contrast(selector), selector).toBeGreaterThan(3);
    await page.locator('.composer textarea').fill('');
  });

  /** Contrast of the first such element's text against what is behind it, after the web's guidelines (WCAG). */
  function contrast(selector: string): Promise<number> {
    return page.evaluate(`(() => {
      const parse = (text) => text.match(/[\\d.]+/g).map(Number);
      const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const node = document.querySelector(${JSON.stringify(selector)});
      let behind = node;
      while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
      const text = luminance(parse(getComputedStyle(node).color));
      const back = luminance(parse(getComputedStyle(behind ?? document.body).backgroundColor));
      return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    })()`);
  }

  it('takes files that are dropped on it', async () => {
    await page.evaluate(`{
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/uri-list', 'file:///a.ts\\r\\nfile:///b.ts');
      document.getElementById('app').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }`);
    await expect
      .poll(() => received)
      .toContainEqual({ kind: 'drop', uris: ['file:///a.ts', 'file:///b.ts'] });
  });

  async function screenshot(name: string): Promise<void> {
    mkdirSync(inRoot('test-results', 'ui'), { recursive: true });
    await page.screenshot({ path: inRoot('test-results', 'ui', `${name}.png`) });
  }
});

const nonce = 'test';

/** VS Code's side of a webview. */
const hostScript = `const state = {};
window.acquireVsCodeApi = () => ({
  postMessage: (message) => void window.toHost(message),
  getState: () => state.value,
  setState: (value) => (state.value = value),
});`;

function resource(url: string): [type: string, body: string] {
  if (url.endsWith('chat.js'))
    return ['text/javascript', readFileSync(inRoot('dist/media/chat.js'), 'utf8')];
  if (url.endsWith('chat.css'))
    return ['text/css', readFileSync(inRoot('dist/media/chat.css'), 'utf8')];
  const html = chatHtml({
    cspSource: "'self'",
    nonce,
    scriptUri: '/chat.js',
    styleUri: '/chat.css',
  });
  return [
    'text/html',
    html.replace('<body>', `<body><script nonce="${nonce}">${hostScript}</script>`),
  ];
}
