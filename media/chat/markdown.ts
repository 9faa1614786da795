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

/** HTML of each top-level block; a text that grows changes only the last ones. */
export function renderBlocks(text: string): string[] {
  const environment = {};
  const tokens = markdown.parse(text, environment);
  return groupBlocks(tokens).map((group) =>
    markdown.renderer.render(group, markdown.options, environment),
  );
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
    `<button type="button" class="copy-code" aria-label="Copy code">Copy</button></div>` +
    `<pre tabindex="0"><code class="hljs">${code}</code></pre></div>`
  );
}

function languageOf(info: string): string {
  return info.trim().split(/\s+/, 1)[0] ?? '';
}

/** Guessing the language would make colours jump while an answer streams. */
function highlight(code: string, language: string): string {
  if (!hljs.getLanguage(language)) return markdown.utils.escapeHtml(code);
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
