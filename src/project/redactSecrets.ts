import { findAssignedSecrets } from './secretAssignments.ts';
import { byPosition } from './secretSpans.ts';
import { findSecretTokens } from './secretTokens.ts';

/** A text without what looks like secrets, and how many were taken out. */
export interface Redaction {
  readonly text: string;
  readonly redacted: number;
}

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/**
 * Takes out what looks like a secret: private-key blocks, tokens of known services, passwords in
 * URLs, values assigned to names such as `password`, and long random-looking literals.
 *
 * It errs on taking out too much, since a missing value costs a suggestion little. With the path
 * of a data file (`.yaml`, `.ini`, …), plain words after `password:` go too; in code they are
 * mostly names of types and variables. The result is not changed by a second run.
 */
export function redactSecrets(text: string, path = ''): Redaction {
  const isData = DATA_FILE.test(path);
  const withoutBlocks = redactKeyBlocks(text.split('\n'));
  let redacted = withoutBlocks.redacted;
  const lines = withoutBlocks.lines.map((line) => {
    const clean = redactLine(line, isData);
    redacted += clean.redacted;
    return clean.text;
  });
  return { text: lines.join('\n'), redacted };
}

const DATA_FILE =
  /(?:^|\/)[^/.]*$|\.(?:ya?ml|json[c5]?|toml|ini|cfg|conf|config|cnf|properties|xml|plist|txt|csv|tsv|log)$/iu;

/** Until nothing more is found: what stood beside one secret may only then be seen as another. */
function redactLine(line: string, isData: boolean): Redaction {
  let text = line;
  let redacted = 0;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = redactOnce(text, isData);
    if (next.text === text) break;
    text = next.text;
    redacted += next.redacted;
  }
  return { text, redacted };
}

const MAX_PASSES = 16;

function redactOnce(line: string, isData: boolean): Redaction {
  const spans = [...findSecretTokens(line), ...findAssignedSecrets(line, isData)].sort(byPosition);
  let text = '';
  let end = 0;
  let redacted = 0;
  for (const span of spans) {
    if (span.start >= end) {
      text += line.slice(end, span.start) + REDACTED;
      redacted++;
    }
    // Findings that overlap are one secret, which ends where the last of them does.
    end = Math.max(end, span.end);
  }
  return { text: text + line.slice(end), redacted };
}

const BLOCK_BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d/u;
const BLOCK_END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|Private-MAC:/u;
const MAX_BLOCK_LINES = 400;

interface Lines {
  readonly lines: readonly string[];
  readonly redacted: number;
}

/** Replaces each private key, from its first line to its last, by one mark. */
function redactKeyBlocks(lines: readonly string[]): Lines {
  const kept: string[] = [];
  let redacted = 0;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const begin = BLOCK_BEGIN.exec(line);
    if (begin === null) {
      kept.push(line);
      continue;
    }
    const last = lastLineOfBlock(lines, index);
    kept.push(line.slice(0, begin.index) + REDACTED + afterBlock(lines[last] ?? ''));
    redacted++;
    index = last;
  }
  return { lines: kept, redacted };
}

function lastLineOfBlock(lines: readonly string[], first: number): number {
  const limit = Math.min(lines.length, first + MAX_BLOCK_LINES);
  for (let index = first; index < limit; index++) {
    if (BLOCK_END.test(lines[index] ?? '')) return index;
  }
  // A key that was cut off: it goes on while the lines look like base64 or key headers.
  let last = first;
  while (last + 1 < limit && KEY_LINE.test(lines[last + 1] ?? '')) last++;
  return last;
}

const KEY_LINE =
  /^[\s"'`+,\\rn]*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Comment|Version):.*)?[\s"'`+,\\;]*$/u;

/** What follows a key on its last line, unless yet another key begins there. */
function afterBlock(line: string): string {
  const end = BLOCK_END.exec(line);
  if (end === null || end[0] === 'Private-MAC:') return '';
  const rest = line.slice(end.index + end[0].length);
  return BLOCK_BEGIN.test(rest) ? '' : rest;
}
