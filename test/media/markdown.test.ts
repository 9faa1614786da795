import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderBlocks } from '../../media/chat/markdown.ts';

function render(text: string): string {
  return renderBlocks(text).join('');
}

describe('renderBlocks', () => {
  it('gives one piece of HTML for each block', () => {
    expect(renderBlocks('# One\n\ntwo\n\n- a\n- b\n\n---\n')).toEqual([
      '<h1>One</h1>\n',
      '<p>two</p>\n',
      '<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n',
      '<hr>\n',
    ]);
  });

  it('keeps the pieces before the last while a text grows', () => {
    const text = 'First.\n\n```ts\nconst a = 1;\n```\n\nLast **word**.';
    let before: string[] = [];
    for (let length = 1; length <= text.length; length++) {
      const now = renderBlocks(text.slice(0, length));
      expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
      before = now;
    }
    expect(before).toHaveLength(3);
  });

  it('colours code of a known language and escapes that of an unknown one', () => {
    expect(render('```ts\nconst a = 1;\n```')).toContain('<span class="hljs-keyword">const</span>');
    expect(render('```made-up\na < b\n```')).toContain('a &lt; b');
    expect(render('    indented <code>\n')).toContain('indented &lt;code&gt;');
  });

  it('shows a block of code that is not closed yet as code', () => {
    expect(render('```py\nprint(1')).toContain('<pre tabindex="0">');
  });

  it('shows HTML as text', () => {
    const html = render('<img src=x onerror=alert(1)> and <script>alert(1)</script>\n\n<b>x</b>');
    expect(html).not.toMatch(/<(img|script|b)\b/);
  });

  it('loads no images', () => {
    expect(render('![alt](https://example.com/a.png)')).not.toContain('<img');
  });

  it.each([
    'javascript:alert(1)',
    'command:workbench.action.quit',
    'data:text/html,x',
    'file:///x',
  ])('makes no link to %s', (target) => expect(render(`[x](${target})`)).not.toContain('<a'));

  it('makes links to web pages', () => {
    expect(render('[x](https://example.com)')).toContain('<a href="https://example.com">');
  });

  it('never lets a fence label out of its element', () => {
    expect(render('```"><script>\nx\n```')).not.toContain('<script>');
  });

  it('makes elements of nothing but its own kinds, whatever the text', () => {
    const mark = fc.constantFrom(
      '<',
      '>',
      '"',
      '`',
      '```',
      '\n',
      '[',
      '](',
      ')',
      '&',
      'a',
      ' ',
      '!',
    );
    const own =
      /^<\/?(p|pre|code|div|span|button|a|h\d|ul|ol|li|blockquote|em|strong|br|hr|s|table|thead|tbody|tr|th|td)\b/;
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 60 }), (marks) => {
        for (const [tag] of render(marks.join('')).matchAll(/<[^\s>]*/g)) expect(tag).toMatch(own);
      }),
    );
  });
});
