import { describe, expect, it } from 'vitest';
import { formerToOffer } from '../../src/extension/models/formerModel.ts';
import { modelSections, type InUse } from '../../src/extension/models/modelItems.ts';
import { percentOf, progressWords } from '../../src/extension/models/progressWords.ts';
import type { FoundModel, ModelList } from '../../src/protocol/models.ts';

const gib = 1024 ** 3;

function usable(path: string, name: string, change: object = {}): FoundModel {
  const facts = {
    ...{ name, architecture: 'qwen2', quantisation: 'Q4_K_M', contextTokens: 32_768 },
    ...{ fim: true, standIn: false, ...change },
  };
  return {
    source: 'LM Studio',
    check: { kind: 'usable', file: { path, sizeBytes: 2 * gib, parts: 1, facts } },
    need: { ramBytes: 2.5 * gib, vramBytes: 0 },
  };
}

const recommended = {
  ...{ name: 'Coder 3B', reference: 'hf:a/b/c.gguf', fileName: 'c.gguf', quantisation: 'Q8_0' },
  ...{ sizeBytes: 3 * gib, license: 'MIT', fits: true, best: true },
  need: { ramBytes: 4 * gib, vramBytes: 0 },
};
const list: ModelList = {
  machine: { ramBytes: 16 * gib, vramBytes: 0, variant: 'cpu' },
  found: [
    { source: 'Ollama', check: { kind: 'unusable', path: '/x/bad.gguf', sentence: 'It is bad.' } },
    usable('/m/one.gguf', 'One'),
    usable('/m/two.gguf', 'Two', { fim: false }),
  ],
  recommended: [
    recommended,
    { ...recommended, name: 'Huge', fileName: 'h.gguf', fits: false, best: false },
  ],
  unfinished: [
    { reference: 'u/r:Q8_0', fileName: 'u_r/half.gguf', doneBytes: gib, totalBytes: 2 * gib },
  ],
};

function shown(inUse: InUse, of = list): string[] {
  return modelSections(of, inUse).flatMap(({ title, items }) => [
    `# ${title}`,
    ...items.map(({ label, description, detail }) =>
      [label, description, detail].filter((text) => text !== undefined).join(' | '),
    ),
  ]);
}

describe('the list of models', () => {
  it('has what is in use, what is here and what may be loaded, with the numbers', () => {
    expect(shown({ path: '/m/one.gguf', byDefault: 'Stand-in' })).toEqual([
      '# in use',
      '$(check) One | Q4_K_M · 2.0 GiB · LM Studio | needs 2.5 GiB of 16.0 GiB memory · completes inside of lines · context 32,768 tokens',
      'Stand-in',
      '# unfinished downloads',
      '$(debug-continue) Resume half.gguf | 1.0 GiB of 2.0 GiB | u/r:Q8_0',
      '# on this machine',
      '$(file-binary) Two | Q4_K_M · 2.0 GiB · LM Studio | needs 2.5 GiB of 16.0 GiB memory · cannot fill in, only continue · context 32,768 tokens',
      '$(warning) bad.gguf | Ollama | It is bad.',
      '# recommended downloads',
      '$(star-full) Coder 3B | Q8_0 · 3.0 GiB · suits this machine | needs 4.0 GiB of 16.0 GiB memory · license: MIT',
      '$(cloud-download) Huge | Q8_0 · 3.0 GiB | does not fit · needs 4.0 GiB of 16.0 GiB memory · license: MIT',
      '# other',
      '$(folder-opened) Browse…',
      '$(cloud-download) Hugging Face reference or address…',
    ]);
  });

  it('does not offer to download what is here, and names graphics memory', () => {
    const here = usable('/h/c.gguf', 'Here');
    const need = { ramBytes: gib, vramBytes: 3 * gib };
    const machine = { ...list.machine, vramBytes: 8 * gib, variant: 'cuda' };
    const rows = shown(
      { path: '', byDefault: 'Stand-in' },
      { ...list, machine, found: [{ ...here, need }] },
    );
    expect(rows[1]).toBe('$(check) Stand-in');
    expect(rows.join('\n')).not.toContain('Coder 3B');
    expect(rows.join('\n')).toContain('needs 3.0 GiB of 8.0 GiB graphics memory');
  });
});

it('progress is told in words', () => {
  const progress = { doneBytes: gib, totalBytes: 4 * gib, bytesPerSecond: gib / 60 };
  expect(progressWords({ kind: 'downloading', ...progress })).toBe(
    '1.0 GiB of 4.0 GiB · 17 MiB/s · 3 minutes',
  );
  expect(progressWords({ kind: 'retrying', ...progress })).toMatch(
    /^1\.0 GiB of 4\.0 GiB, the conn/,
  );
  const unknown = { kind: 'downloading', doneBytes: gib, totalBytes: undefined } as const;
  expect(progressWords({ ...unknown, bytesPerSecond: undefined })).toBe('1.0 GiB');
  expect(percentOf({ kind: 'downloading', ...progress })).toBe(25);
  expect(percentOf({ ...unknown, bytesPerSecond: undefined })).toBeUndefined();
});

it('the former model is offered once, and only if there is another', () => {
  const none = new Set<string>();
  expect(formerToOffer('/bad', { working: '', told: none })).toBe('');
  expect(formerToOffer('/bad', { working: '/bad', told: none })).toBeUndefined();
  expect(formerToOffer('/bad', { working: undefined, told: none })).toBeUndefined();
  expect(formerToOffer('/bad', { working: '/good', told: new Set(['/bad']) })).toBeUndefined();
});
