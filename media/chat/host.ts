import type { FromWebview, ToWebview } from '../../src/extension/chat/shared/chatProtocol.ts';

/** Kept by VS Code while the panel is hidden. */
interface PanelState {
  /** What was typed and not sent. */
  readonly draft: string;
}

interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): PanelState | undefined;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The extension's side, as the panel sees it. May be acquired once per page. */
export const host: VsCodeApi = acquireVsCodeApi();

export function onHostMessage(listener: (message: ToWebview) => void): void {
  // Only the extension can post to this page; its messages are typed on its side.
  window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => listener(data));
}
