import type {
  FromCachePanel,
  ToCachePanel,
} from '../../src/extension/sessions/shared/cacheProtocol.ts';

interface VsCodeApi {
  postMessage(message: FromCachePanel): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The extension's side, as the panel sees it. May be acquired once per page. */
export const host: VsCodeApi = acquireVsCodeApi();

export function onHostMessage(listener: (message: ToCachePanel) => void): void {
  // Only the extension can post to this page; its messages are typed on its side.
  window.addEventListener('message', ({ data }: MessageEvent<ToCachePanel>) => listener(data));
}
