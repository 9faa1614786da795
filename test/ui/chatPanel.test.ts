import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { AnswerEntry, ToWebview } from '../../src/extension/chat/chatProtocol.ts';
import { chatHtml } from '../../src/extension/chat/chatHtml.ts';
import { openPage } from './harness/workbench.ts';

const code = 'Here it is:\n\n```ts\nexport const answer: number = 42;\n```\n';

/** The page as the extension makes it, under its own content security policy, with the test in the extension's place. */
describe('the chat page', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  const received: { readonly kind: string; readonly text?: string }[] = [];

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

  it('highlights code, and says what an answer cost', async () => {
    const answer: AnswerEntry = {
      kind: 'answer',
      id: 2,
      text: code,
      state: 'done',
      stats: { evaluated: 12, reused: 3456, firstTokenMs: 7, tokensPerSecond: 20 },
    };
    const question = { kind: 'question', id: 1, text: 'Show <b>me</b>' } as const;
    await post({ kind: 'conversation', conversation: { id: 'a', entries: [question, answer] } });

    expect(await page.locator('.question').innerText()).toContain('<b>me</b>');
    await page.waitForSelector('.answer pre .hljs-keyword:has-text("export")');
    expect(await page.locator('.answer footer').innerText()).toContain('3,456 reused');
    await screenshot('chat-code');
  });

  it('asks the extension to copy', async () => {
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await expect.poll(() => received).toContainEqual({ kind: 'copy', text: code });
  });

  it('appends what streams in, and offers to stop it', async () => {
    await post({
      kind: 'conversation',
      conversation: {
        id: 'a',
        entries: [
          { kind: 'question', id: 3, text: 'More' },
          { kind: 'answer', id: 4, text: '', state: 'streaming' },
        ],
      },
    });
    for (const text of ['one ', 'two ', '**three**']) await post({ kind: 'delta', id: 4, text });
    await page.waitForSelector('.answer.streaming strong:has-text("three")');
    expect(await page.locator('.answer.streaming .markdown').innerText()).toBe('one two three');
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => received).toContainEqual({ kind: 'stop' });
  });

  it('shows HTML and scripts of an answer as text', async () => {
    const text =
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [x](javascript:1)';
    await post({ kind: 'entry', entry: { kind: 'answer', id: 4, text, state: 'done' } });
    await page.waitForSelector('.answer:has-text("onerror")');
    expect(
      await page.locator('.answer img, .answer script, .answer a[href^="javascript"]').count(),
    ).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
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
