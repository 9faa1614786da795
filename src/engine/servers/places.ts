/** Where the parts of each file's prompt begin and end, so that what a server has in its cache stays the beginning. */
import type { CompletionParams } from '../../protocol/requests.ts';
import { anchorParts, type Anchor, type AnchorLimits } from '../prompt/anchor.ts';
import { contextTexts } from './contextTexts.ts';
import type { FimText, TextBlock } from './fimText.ts';
import type { ProjectText } from './projectText.ts';

interface Place {
  readonly anchor: Anchor;
  readonly context: readonly TextBlock[];
}

export interface PlaceLimits {
  readonly anchor: AnchorLimits;
  readonly contextChars: number;
}

/** The files a person goes to and fro between. */
const maxPlaces = 32;

export class Places {
  readonly #places = new Map<string, Place>();

  /** Context is chosen with the anchor and then stays. */
  text(params: CompletionParams, project: ProjectText, limits: PlaceLimits): FimText {
    const { uri, path } = params;
    const before = this.#places.get(uri);
    const { anchor, middle } = anchorParts(params, before?.anchor, limits.anchor);
    const context =
      before?.anchor === anchor
        ? before.context
        : contextTexts(path, params.context, limits.contextChars);
    if (params.trigger !== 'prefetch' || before === undefined) this.#keep(uri, { anchor, context });
    const { prefix, suffix } = anchor;
    const { repoName, blocks } = project;
    return { repoName, project: blocks, context, path, prefix, suffix, middle };
  }

  #keep(uri: string, place: Place): void {
    this.#places.delete(uri);
    this.#places.set(uri, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > maxPlaces && oldest !== undefined) this.#places.delete(oldest);
  }
}
