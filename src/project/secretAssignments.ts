import { entropyBits, type Span } from './secretSpans.ts';
import { PLACEHOLDER } from './secretTokens.ts';

/**
 * Finds values assigned to names that tell of secrets: `password = "…"`, `API_KEY=…`,
 * `"token": "…"`, `--password …`, `<secret>…</secret>`, `define('DB_PASSWORD', '…')`.
 */
export function findAssignedSecrets(line: string, isData: boolean): readonly Span[] {
  if (!SECRET_WORD.test(line)) return [];
  return SHAPES.flatMap((shape) => spansOf(line, shape, isData));
}

/** Names whose value is a secret as such, and names whose value must also look like one. */
const STRONG = 'pass(?:word|wd|phrase|code)|passwd|pwd|secret|psk|pin_?code';
const WEAK =
  'token|api[-_.]?key|access[-_.]?key|private[-_.]?key|secret[-_.]?key|account[-_.]?key|auth[-_.]?key|encryption[-_.]?key|signing[-_.]?key|master[-_.]?key|credentials?|authorization|bearer|connection[-_.]?string|webhook|salt|\\bdsn\\b|\\b_?auth\\b|\\bpass\\b';
const WORD = `(?<name>(?:${STRONG}|${WEAK})[\\w.-]{0,40})`;
const SECRET_WORD = new RegExp(`${STRONG}|${WEAK}`, 'iu');
const STRONG_WORD = new RegExp(STRONG, 'iu');

interface Shape {
  readonly pattern: RegExp;
  readonly quoted: boolean;
}

const SHAPES: readonly Shape[] = [
  // name = "value", "name": "value", name: string = 'value', 'name' => 'value', f('name', 'value')
  {
    pattern: new RegExp(
      `${WORD}(?:["'\`]?\\]?\\??\\s*(?::\\s*[\\w<>|?& ]{1,40})?(?::=|=>|==?|:))\\s*(?:[bru@]{1,2}|new\\s+\\w+\\()?(?<quote>["'\`])(?<value>(?:\\\\.|(?!\\k<quote>)[^\\\\])+)`,
      'dgiu',
    ),
    quoted: true,
  },
  // f('name', 'value')
  {
    pattern: new RegExp(
      `\\(\\s*["'\`][\\w.-]{0,40}?${WORD}["'\`]\\s*,\\s*(?<quote>["'\`])(?<value>[^"'\`]+)\\k<quote>`,
      'dgiu',
    ),
    quoted: true,
  },
  // name=value, name: value, export NAME=value
  {
    pattern: new RegExp(
      `^\\s*(?:export\\s+|set\\s+|setx\\s+|ENV\\s+|ARG\\s+|-\\s+|--?)?["']?[\\w.:/-]*?${WORD}["']?\\s*[:=]\\s*(?<value>[^\\s"'\`].*?)\\s*(?:\\s[#;].*)?$`,
      'dgiu',
    ),
    quoted: false,
  },
  // NAME=value anywhere in a command line
  {
    pattern: new RegExp(`\\b[A-Z0-9_]{0,60}${WORD}=(?<value>[^\\s"'\`;&|]+)`, 'dgiu'),
    quoted: false,
  },
  // --password value
  {
    pattern: new RegExp(`--[\\w-]{0,40}?${WORD}[ =](?<value>[^\\s"'\`-][^\\s"'\`]*)`, 'dgiu'),
    quoted: false,
  },
  // <password>value</password>
  { pattern: new RegExp(`<[\\w:.-]{0,40}${WORD}>(?<value>[^<]+)<`, 'dgiu'), quoted: true },
];

function spansOf(line: string, shape: Shape, isData: boolean): readonly Span[] {
  const spans: Span[] = [];
  for (const match of line.matchAll(shape.pattern)) {
    const place = match.indices?.groups?.['value'];
    const { name = '', value = '' } = match.groups ?? {};
    if (place === undefined) continue;
    const strict = isData || ENVIRONMENT_LINE.test(line);
    const accepted = shape.quoted
      ? isQuotedSecret(name, value)
      : isBareSecret(name, value.replace(/[,;]$/u, ''), strict);
    if (accepted) spans.push({ start: place[0], end: place[1] });
  }
  return spans;
}

/** `NAME=value` without spaces: no programming language's assignment. */
const ENVIRONMENT_LINE = /^\s*(?:export\s+|ENV\s+|ARG\s+|-\s+)?[A-Z][A-Z0-9_]*=\S/u;

/** Names about a secret rather than of one, such as `passwordLabel` or `tokenCount`. */
const ABOUT =
  /(?:field|label|hint|error|message|type|name|url|uri|path|file|id|length|len|min|max|count|limit|regex|pattern|policy|input|placeholder|title|text|class|selector|format|endpoint|expir\w*|ttl|s)$/iu;

function isQuotedSecret(name: string, value: string): boolean {
  if (isHarmless(value)) return false;
  if (looksRandom(value)) return true;
  if (ABOUT.test(name) || value.length < 4) return false;
  if (STRONG_WORD.test(name)) return !/\s/u.test(value) || /passphrase/iu.test(name);
  return value.length >= 8 && /\d/u.test(value) && /[a-z]/iu.test(value) && !/\s/u.test(value);
}

function isBareSecret(name: string, value: string, strict: boolean): boolean {
  if (isHarmless(value)) return false;
  if (strict) return isStrictSecret(name, value);
  if (CODE_VALUE.test(value) || /[\s(){}[\]<>]/u.test(value)) return false;
  if (looksRandom(value)) return true;
  return !ABOUT.test(name) && value.length >= 6 && /\d/u.test(value) && /[a-z]/iu.test(value);
}

/** In a data file nothing but a value can stand there. */
function isStrictSecret(name: string, value: string): boolean {
  if (looksRandom(value)) return true;
  if (ABOUT.test(name) || /^[\d.]{0,7}$|^[{[|>&*]/u.test(value)) return false;
  if (STRONG_WORD.test(name)) return value.length >= 3;
  return value.length >= 8 && !/\s/u.test(value);
}

/** Member access, a number or the name of a type. */
const CODE_VALUE =
  /^(?:[a-z_$][\w$]*(?:(?:\.|::|->|\?\.)[a-z_$][\w$]*)+|[\d._]+|(?:u?int|float|[iuf])\d+\w*|base64\w*|sha\d+\w*)[,;]?$/iu;

function isHarmless(value: string): boolean {
  return (
    PLACEHOLDER.test(value) ||
    /^(?:https?:\/\/|\.{0,2}\/|\$\{|\{\{|<%|%\(|process\.env)/u.test(value)
  );
}

function looksRandom(value: string): boolean {
  if (value.length < 16 || /\s/u.test(value) || !/\d/u.test(value)) return false;
  return /^[\w+/=.~!@#$%^&*-]+$/u.test(value) && entropyBits(value) > 3.2;
}
