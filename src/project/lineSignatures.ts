/**
 * Declarations found by the look of their lines, as ctags does where it has no parser: for languages
 * without a grammar. One a line, with half of their indentation at most; empty when there are none.
 */
export function lineSignatures(text: string): string {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    if (found.length >= MAX_LINES) break;
    if (line.length <= MAX_LINE_CHARS && DECLARATION.test(line)) found.push(shorten(line));
  }
  return found.map((line) => `${line}\n`).join('');
}

const MAX_LINES = 120;
const MAX_LINE_CHARS = 220;

const MODIFIERS =
  '(?:(?:pub(?:\\([a-z]+\\))?|public|internal|open|abstract|final|sealed|static|export|default|async|inline|data|case|override|suspend|extern|unsafe|partial|local|implicit|lazy|mutating|external|payable)\\s+)*';
const WORDS =
  'fun|func|fn|function|def|defp?|defmodule|defprotocol|defmacro|proc|method|sub|class|struct|enum|trait|interface|protocol|extension|object|module|namespace|actor|record|union|typealias|typedef|type|mixin|contract|event|library|message|service|rpc|input|scalar|directive|schema|create\\s+(?:or\\s+replace\\s+)?(?:table|view|function|procedure|type|index)';

const DECLARATION = new RegExp(
  `^\\s{0,8}${MODIFIERS}(?:${WORDS})\\s+[\\p{L}_"\`\\[(]|^[\\p{L}_][\\w']*\\s*::\\s*\\S|^\\s{0,8}\\(defn?-?\\s`,
  'iu',
);

function shorten(line: string): string {
  const indent = Math.min(4, line.length - line.trimStart().length);
  const text = line.trim().replace(/\s*(?:[{:=]|\bdo|\bthen)\s*$/u, '');
  return ' '.repeat(Math.floor(indent / 2)) + text;
}
