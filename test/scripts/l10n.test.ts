import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundlePath, bundleText, collectTexts } from '../../scripts/l10n/collect.ts';
import { inRoot } from '../../scripts/lib/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'warmfork-l10n-'));
afterAll(() => rmSync(folder, { recursive: true }));

function collect(source: string): string[] {
  writeFileSync(join(folder, 'one.ts'), source);
  return Object.keys(collectTexts(folder));
}

describe('texts that can be translated', () => {
  it('are all in the bundle that VS Code reads: run "npm run l10n" after a change', () => {
    expect(readFileSync(inRoot(bundlePath), 'utf8')).toBe(bundleText(collectTexts()));
  });

  it('are found wherever they stand, once and in order', () => {
    const source = `
      say(vscode.l10n.t('two {0}', count));
      const words = localize('one ' + 'and a half');
      if (words) localize(\`two {0}\`, 3);
    `;
    expect(collect(source)).toEqual(['one and a half', 'two {0}']);
  });

  it('must be literals', () => {
    expect(() => collect('\nlocalize(words);')).toThrow('one.ts:2: the text must be a literal');
  });
});

describe('titles and descriptions of the manifest', () => {
  const manifest = readFileSync(inRoot('package.json'), 'utf8');
  const texts = JSON.parse(readFileSync(inRoot('package.nls.json'), 'utf8')) as object;
  const used = [...manifest.matchAll(/"%([^%"]+)%"/gu)].map(([, key]) => key);

  it('are keys that have a text, and every text is used', () => {
    expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
  });

  it('are nowhere written out', () => {
    const { contributes } = JSON.parse(manifest) as { contributes: unknown };
    const written: string[] = [];
    const look = (value: unknown, key = ''): void => {
      if (typeof value === 'string') {
        const isText = /^(title|description|markdownDescription|name|label)$/u.test(key);
        if (isText && /\s/u.test(value)) written.push(value);
      } else if (Array.isArray(value)) {
        for (const one of value) look(one, /descriptions$/iu.test(key) ? 'description' : key);
      } else if (typeof value === 'object' && value !== null) {
        for (const [name, one] of Object.entries(value)) look(one, name);
      }
    };
    look(contributes);
    expect(written).toEqual([]);
  });
});
