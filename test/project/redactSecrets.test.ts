import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { REDACTED, redactSecrets } from '../../src/project/redactSecrets.ts';
import { anywhere, cutOffKey, inDataFiles, inlineKey, keyBlocks } from './plantedSecrets.ts';

describe('what goes', () => {
  test.each([...anywhere, ...keyBlocks, cutOffKey, inlineKey])('$line', ({ line, needle }) => {
    const { text, redacted } = redactSecrets(`before\n${line}\nafter\n`, 'src/a.ts');
    expect(text).not.toContain(needle);
    expect(redacted).toBeGreaterThan(0);
    expect(text.startsWith('before\n')).toBe(true);
    expect(text.endsWith('\nafter\n')).toBe(true);
  });

  test.each(inDataFiles)('$line, in a data file only', ({ line, needle }) => {
    expect(redactSecrets(line, 'config/app.yaml').text).not.toContain(needle);
    expect(redactSecrets(line, 'src/a.ts').redacted).toBe(0);
  });

  test('only the secret goes, not its line', () => {
    const line = `connect({ user: 'me', password: 'hunter22', port: 5432 });`;
    expect(redactSecrets(line)).toEqual({
      text: `connect({ user: 'me', password: '${REDACTED}', port: 5432 });`,
      redacted: 1,
    });
  });

  test('a key that was cut off does not swallow the code after it', () => {
    const { text } = redactSecrets(`${cutOffKey.line}\nfunction after() {}\n`);
    expect(text).toBe(`${REDACTED}\nfunction after() {}\n`);
  });
});

describe('what stays', () => {
  test.each([
    'function login(user: string, password: string): Promise<Token> {',
    '  readonly apiKey?: string;',
    '  token: Uint8Array,',
    'const token = await readToken(path);',
    'password = os.environ["DB_PASSWORD"]',
    'const secret = process.env.SECRET;',
    'password: ${{ secrets.DB_PASSWORD }}',
    'DB_PASSWORD=$DB_PASSWORD',
    'const password = "<your password>";',
    'passwordLabel: "Enter your password",',
    'maxTokens: 4096,',
    'MAX_TOKENS=4096',
    'if (token.kind === "identifier") return token.text;',
    "import { tokenize } from './tokenizer.ts';",
    '<input type="password" name=\'pw\'>',
    'see https://example.org/a/b/c/d?page=12 and https://user@example.org',
    'const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";',
    'src/components/navigation/sidebar/SidebarNavigation2.tsx',
    'const key = "ArrowDown";',
    'llama_token token = batch.token[i];',
    "if (token === 'endOfFile') return;",
    '<|im_start|>system<|fim_middle|>',
  ])('%s', (line) => {
    expect(redactSecrets(line, 'src/a.ts')).toEqual({ text: line, redacted: 0 });
  });

  test('the sources of this layer are mostly left alone', async () => {
    const directory = 'src/project';
    let redacted = 0;
    for (const name of await readdir(directory)) {
      redacted += redactSecrets(await readFile(join(directory, name), 'utf8'), name).redacted;
    }
    expect(redacted).toBeLessThan(8);
  });
});

test('a second run changes nothing', () => {
  const words = fc.constantFrom(
    ...[
      'password',
      'token=',
      'secret: "',
      '"',
      "'",
      ' ',
      '=',
      ':',
      '\n',
      'a1b2c3d4e5f6',
      '[redacted]',
    ],
    ...[
      '-----BEGIN RSA PRIVATE KEY-----',
      '-----END RSA PRIVATE KEY-----',
      'https://u:pw1@h/',
      ',',
    ],
    ...anywhere.map(({ line }) => line),
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 12 }),
      fc.constantFrom('a.ts', 'a.yaml'),
      (parts, path) => {
        const once = redactSecrets(parts.join(''), path).text;
        expect(redactSecrets(once, path)).toEqual({ text: once, redacted: 0 });
      },
    ),
    { numRuns: 1000 },
  );
});

test('very long lines take linear time', () => {
  // Quadratic behaviour would take minutes here and run into the test's time limit.
  const parts = ['password', 'token.', 'a.b-', '--secret', 'x:', '<token', '=', 'A1'];
  for (const part of parts) redactSecrets(part.repeat(30_000));
});
