import { expect, it } from 'vitest';
import { chatHtml } from '../../src/extension/chat/chatHtml.ts';

it('lets the page run one script and load one style sheet, and reach nothing else', () => {
  const html = chatHtml({
    cspSource: 'https://x',
    nonce: 'N',
    scriptUri: 's.js',
    styleUri: 's.css',
  });
  expect(html).toContain(
    `content="default-src 'none'; style-src https://x; script-src 'nonce-N';"`,
  );
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain('<script nonce="N" src="s.js"></script>');
  expect(html).not.toMatch(/\son\w+=|unsafe|style=/);
});
