/** A completion's prompt as text, in the layout of the local one: what changes least stands first. */

export interface TextBlock {
  readonly path: string;
  readonly text: string;
}

export interface FimText {
  readonly repoName: string;
  /** The project context, most stable first. */
  readonly project: readonly TextBlock[];
  /** What is known besides, chosen with the place in the file. */
  readonly context: readonly TextBlock[];
  readonly path: string;
  /** Before and after the anchor: the same while a person types. */
  readonly prefix: string;
  readonly suffix: string;
  /** Typed since the anchor was set. */
  readonly middle: string;
}
