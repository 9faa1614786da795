/** What the engine's thread and the outline worker say to each other: plain data, cloned. */
import type { ProjectFolder } from './nodeProjectFiles.ts';
import type { OutlineOptions, ProjectOutline } from './outline.ts';

/** Work for the worker; `kind: 'abort'` ends the one with the same id. */
export type OutlineRequest =
  | {
      readonly kind: 'outline';
      readonly id: number;
      readonly folders: readonly ProjectFolder[];
      readonly options: Omit<OutlineOptions, 'signal'>;
      /** Where facts are kept between runs; absent: only as long as the worker lives. */
      readonly cacheFile?: string | undefined;
      /** Signatures beyond this many characters, in the order of the map, are not sent. */
      readonly maxSignatureChars: number;
    }
  | { readonly kind: 'abort'; readonly id: number };

/** The worker's answer. An error is told by its code and words, since errors lose their class. */
export type OutlineAnswer =
  | { readonly kind: 'outline'; readonly id: number; readonly outline: ProjectOutline }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly message: string;
      readonly code?: string | undefined;
    };
