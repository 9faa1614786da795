/** What the cache panel and the extension say to each other. All texts are made, and translated, by the extension. */

export interface ShownCache {
  readonly title: string;
  readonly intro: string;
  readonly strip: ShownStrip;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly groups: readonly ShownGroup[];
  readonly buttons: readonly ShownButton[];
}

export interface ShownStrip {
  readonly title: string;
  /** The whole picture in words. */
  readonly words: string;
  readonly spans: readonly ShownSpan[];
}

export interface ShownSpan {
  readonly kind: 'base' | 'file' | 'chat' | 'free';
  /** Tells sessions of one kind apart: 0 to 3. */
  readonly shade: number;
  readonly name: string;
  readonly cells: number;
  /** The number of cells, and their share of the context. */
  readonly words: string;
}

export interface ShownGroup {
  readonly title: string;
  readonly note: string;
  /** Names of the columns. */
  readonly columns: readonly string[];
  readonly rows: readonly ShownRow[];
}

export interface ShownRow {
  /** What a click on it names. */
  readonly id: number;
  readonly kind: ShownSpan['kind'] | 'other';
  readonly name: string;
  /** A click on the name opens the document. */
  readonly opens: boolean;
  /** One for each column after the first. */
  readonly cells: readonly string[];
  readonly path: string;
  readonly reveal: string;
}

export interface ShownButton {
  readonly action: CacheAction;
  readonly label: string;
}

export const cacheActions = ['clear', 'removeEverything', 'showContext', 'verify'] as const;
export type CacheAction = (typeof cacheActions)[number];

export type FromCachePanel =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly id: number }
  | { readonly kind: 'reveal'; readonly id: number }
  | { readonly kind: 'action'; readonly action: CacheAction };

export type ToCachePanel =
  | { readonly kind: 'cache'; readonly cache: ShownCache }
  /** There is nothing to show now. */
  | { readonly kind: 'message'; readonly text: string };
