import hljs from 'highlight.js/lib/common';
import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';

/**
 * Markdown of a model, which is not to be trusted: no HTML, no images (nothing is ever fetched), links to web pages only.
 * Neither DOM nor host here, so that it is tested in plain Node.
 */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');
markdown.validateLink = (url) => /^https?:\/\//i.test(url.trim());
markdown.renderer.rules['fence'] = (tokens, index) => codeBlock(tokens[index]);
markdown.renderer.rules['code_block'] = markdown.renderer.rules['fence'];

export interface Block {
  readonly html: string;
  /** 0-based line of the text that it begins at. */
  readonly line: number;
}

/** HTML of each top-level block; a text that grows changes only the last ones. */
export function renderBlocks(text: string): string[] {
  return blocksOf(text).map(({ html }) => html);
}

export function blocksOf(text: string): Block[] {
  const environment = {};
  const tokens = markdown.parse(text, environment);
  return groupBlocks(tokens).map((group) => ({
    html: markdown.renderer.render(group, markdown.options, environment),
    line: group[0]?.map?.[0] ?? 0,
  }));
}

/** Cuts the flat list of tokens where nothing is open. */
function groupBlocks(tokens: readonly Token[]): Token[][] {
  const groups: Token[][] = [];
  let group: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    group.push(token);
    depth += token.nesting;
    if (depth > 0) continue;
    groups.push(group);
    group = [];
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

function codeBlock(token: Token | undefined): string {
  const language = languageOf(token?.info ?? '');
  const code = highlight(token?.content ?? '', language);
  const label = markdown.utils.escapeHtml(language || 'text');
  return (
    `<div class="code"><div class="code-head"><span>${label}</span>` +
    `<span class="code-actions">${codeActions}</span></div>` +
    `<pre tabindex="0"><code class="hljs">${code}</code></pre></div>`
  );
}

const codeActions = (
  [
    ['copy', 'Copy', 'Copy code'],
    ['insert', 'Insert', 'Insert code at the cursor'],
    ['apply', 'Apply', 'Apply code to the open file, with a diff'],
    ['newFile', 'New file', 'Open code as a new file'],
  ] as const
)
  .map(
    ([action, text, label]) =>
      `<button type="button" class="code-action" data-action="${action}" title="${label}" aria-label="${label}">${text}</button>`,
  )
  .join('');

/** Colouring more than this at every frame would make the panel stutter. */
const maxHighlighted = 30_000;

function languageOf(info: string): string {
  return info.trim().split(/\s+/, 1)[0] ?? '';
}

/** Guessing the language would make colours jump while an answer streams. */
function highlight(code: string, language: string): string {
  if (code.length > maxHighlighted || !hljs.getLanguage(language))
    return markdown.utils.escapeHtml(code);
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
