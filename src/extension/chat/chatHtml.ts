import { webviewHtml, type WebviewHtmlOptions } from '../webviewHtml.ts';

/** The page of the chat panel. */
export function chatHtml(options: Omit<WebviewHtmlOptions, 'title'>): string {
  return webviewHtml({ ...options, title: 'Warmfork Chat' });
}
