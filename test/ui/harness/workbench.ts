import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { inRoot } from '../../../scripts/lib/paths.ts';
import { findChromium } from '../../../scripts/test/chromium.ts';
import { until } from './until.ts';

const chromiumArguments = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  // Nothing but this machine can be reached: a request to anywhere else fails and shows.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** Every screenshot lands here. */
const screenshots = inRoot('test-results', 'ui');

export interface OpenOptions {
  /** Functions the page may call. */
  readonly expose?: Readonly<Record<string, (...args: never[]) => unknown>>;
}

export async function openPage(url: string, options: OpenOptions = {}): Promise<[Browser, Page]> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium');
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  // A machine that does other things as well is slow, not broken.
  page.setDefaultTimeout(90_000);
  for (const [name, call] of Object.entries(options.expose ?? {})) {
    await page.exposeFunction(name, call);
  }
  // Slow machines take their time.
  await page.goto(url, { timeout: 120_000 });
  return [browser, page];
}

export async function openWorkbench(url: string): Promise<Workbench> {
  const [browser, page] = await openPage(url);
  await page.waitForSelector('.part.statusbar .statusbar-item', { timeout: 60_000 });
  return new Workbench(browser, page);
}

/** A VS Code window in a browser, used as a person would: keys, clicks, and what can be seen. */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;

  constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  /** Runs a command of the palette. */
  async command(title: string): Promise<void> {
    await this.#quickInput('F1', title);
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace and puts the cursor into its editor. */
  async openFile(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    await this.#quickInput('Control+P', path, name);
    await this.page.keyboard.press('Enter');
    await this.page.waitForSelector(`.tab.active:has-text("${name}")`, { timeout: 15_000 });
    await this.focusEditor();
  }

  async focusEditor(): Promise<void> {
    await this.page.waitForSelector('.monaco-editor .view-lines', { timeout: 15_000 });
    await this.page.click('.editor-group-container.active .monaco-editor .view-lines');
  }

  /** What can be seen of the text in the active editor. */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-lines');
    return (await lines.first().innerText()).replaceAll('\u00a0', ' ');
  }

  /** Types as a person does, one key after the other. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 20 });
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.page.waitForSelector('.tab.active:not(.dirty)', { timeout: 15_000 });
  }

  /** The ghost text that shows now; undefined when there is none. */
  async ghostTextNow(): Promise<string | undefined> {
    const pieces = await this.page
      .locator('.ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text')
      .allInnerTexts();
    const text = pieces.join('').replaceAll('\u00a0', ' ');
    return text === '' ? undefined : text;
  }

  /** Waits for ghost text. */
  ghostText(timeoutMs = 20_000): Promise<string> {
    return until('ghost text', () => this.ghostTextNow(), { timeoutMs });
  }

  /** Text of Warmfork's status bar item; undefined while there is none. */
  async statusText(): Promise<string | undefined> {
    // Beside it stands another, without the name, while there is no model of one's own.
    const items = this.page.locator('.statusbar-item[id*="warmfork"]');
    const item = items.filter({ hasText: 'Warmfork' }).first();
    return (await item.count()) === 0 ? undefined : await item.innerText();
  }

  /** Waits until the status bar item's text matches. */
  untilStatus(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    const ask = async () => {
      const text = await this.statusText();
      return text !== undefined && pattern.test(text) && text;
    };
    return until(`status bar text ${pattern}`, ask, { timeoutMs });
  }

  /** The frame, at any depth, that holds an element: webviews are frames within frames. */
  frameWith(selector: string): Promise<Frame> {
    return until(`a webview with ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        if (
          (await frame
            .locator(selector)
            .count()
            .catch(() => 0)) > 0
        )
          return frame;
      }
      return undefined;
    });
  }

  /** Text on the clipboard; undefined when it is empty. */
  async clipboard(): Promise<string | undefined> {
    await this.page.bringToFront();
    const text: unknown = await this.page.evaluate('navigator.clipboard.readText()');
    return typeof text === 'string' && text !== '' ? text : undefined;
  }

  /** Toasts that show now. */
  notifications(): Promise<string[]> {
    return this.page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  /** Accepts the ghost text that shows, saves, and returns what it was. */
  async acceptAndSave(): Promise<string> {
    const ghost = await this.ghostText();
    await this.press('Tab');
    await this.save();
    return ghost;
  }

  /** Closes the window as a person does: the page may run its last code, and the extension host is told. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: true });
    await this.#browser.close();
  }

  /** Opens the quick input and enters `text` until a row with `row` is the first; early key presses can be lost. */
  async #quickInput(key: string, text: string, row = text): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible input').first();
    await until(`quick input (${key})`, async () => {
      await this.page.keyboard.press(key);
      return input.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
    await this.page.keyboard.type(text);
    const first = this.page.locator('.quick-input-list .monaco-list-row').first();
    await until(`"${row}" in the quick input`, async () => {
      const label = await first.innerText({ timeout: 1000 }).catch(() => '');
      return label.includes(row);
    });
  }
}
