import { findImports, type Imports } from './findImports.ts';
import type { LeftOutReason } from './fileKinds.ts';
import { redactSecrets } from './redactSecrets.ts';
import { signaturesOf } from './signatures.ts';
import { sourceTextOf } from './sourceText.ts';

/** What is kept of a file after it was read; plain data, to be cached and sent between threads. */
export type FileFacts =
  | {
      readonly kind: 'text';
      readonly nChars: number;
      readonly imports: Imports;
      /** Declarations without bodies and without secrets; empty for what is no source file. */
      readonly signatures: string;
    }
  | { readonly kind: 'useless'; readonly reason: LeftOutReason };

/** Goes up whenever the same bytes give other facts. */
export const FACTS_VERSION = 2;

/** Depends on the bytes and, for its ending, on the path. */
export async function factsOf(path: string, bytes: Uint8Array): Promise<FileFacts> {
  const source = sourceTextOf(path, bytes);
  if (source.kind === 'useless') return source;
  const { text } = source;
  const signatures = redactSecrets(await signaturesOf(path, text), path).text;
  return { kind: 'text', nChars: text.length, imports: findImports(text), signatures };
}
