import MarkdownIt from 'markdown-it';
import { expect, it } from 'vitest';
import { plainMarkdown } from '../../src/extension/plainMarkdown.ts';

it.each([
  'a_b_c **bold** `code` [link](command:quit) <b>x</b> ~~no~~ | & &amp; ![i](u)',
  '# no heading',
  '- no list',
  '+ none',
  '$(trash) no icon, \\ and $&',
])('shows %j as it is', (text) => {
  const html = new MarkdownIt({ html: true, linkify: true }).render(plainMarkdown(text));
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  expect(html).toBe(`<p>${escaped}</p>\n`);
  expect(plainMarkdown(text)).not.toContain('$(');
});

it('keeps to one line, whose words can be parted', () => {
  expect(plainMarkdown('one\n\ntwo  three')).toBe('one two three');
});
