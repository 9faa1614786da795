import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { chatHtml } from './chatHtml.ts';
import type { FromWebview, ToWebview } from './shared/chatProtocol.ts';
import { parseFromWebview } from './chatSchema.ts';

/** Shows the chat in the side bar. Holds no state: the conversation lives in the controller. */
export class ChatView implements vscode.WebviewViewProvider {
  readonly #root: vscode.Uri;
  readonly #onMessage: (message: FromWebview) => void;
  #webview: vscode.Webview | undefined;

  constructor(extensionUri: vscode.Uri, onMessage: (message: FromWebview) => void) {
    this.#root = vscode.Uri.joinPath(extensionUri, 'dist', 'media');
    this.#onMessage = onMessage;
  }

  post(message: ToWebview): void {
    void this.#webview?.postMessage(message);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    this.#webview = webview;
    webview.options = { enableScripts: true, localResourceRoots: [this.#root] };
    webview.onDidReceiveMessage((value: unknown) => {
      const message = parseFromWebview(value);
      if (message) this.#onMessage(message);
    });
    view.onDidDispose(() => (this.#webview = undefined));
    const uriOf = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#root, name)).toString();
    webview.html = chatHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      scriptUri: uriOf('chat.js'),
      styleUri: uriOf('chat.css'),
    });
  }
}
