import { describe, expect, it } from 'vitest';
import { describeStatus } from '../../src/extension/status/statusText.ts';
import type { EngineStatus, ModelFacts } from '../../src/protocol/status.ts';

const model: ModelFacts = {
  path: '/m.gguf',
  name: 'Coder',
  standIn: false,
  fim: true,
  contextTokens: 8192,
  vocabularyTokens: 1000,
};
const none = { kind: 'none' } as const;
const ready: EngineStatus = { state: 'ready', model, persistence: { kind: 'mapped' } };

describe('describeStatus', () => {
  it.each<[EngineStatus, boolean, string]>([
    [{ state: 'starting', persistence: none }, true, '$(loading~spin) Warmfork: starting'],
    [{ state: 'loadingModel', persistence: none }, true, '$(loading~spin) Warmfork: loading model'],
    [
      { state: 'warming', warming: { done: 512, total: 2048 }, persistence: none },
      true,
      '$(loading~spin) Warmfork: warming 25 %',
    ],
    [{ state: 'warming', persistence: none }, true, '$(loading~spin) Warmfork: warming 0 %'],
    [ready, true, '$(flame) Warmfork'],
    [{ ...ready, lastFirstTokenMs: 41.6 }, true, '$(flame) Warmfork 42 ms'],
    [ready, false, '$(circle-slash) Warmfork: paused'],
    [{ ...ready, model: { ...model, standIn: true } }, true, '$(flame) Warmfork (stand-in model)'],
    [{ state: 'failed', persistence: none }, true, '$(error) Warmfork: failed'],
  ])('%j, inline %s', (status, isInlineOn, label) => {
    const text = describeStatus(status, isInlineOn);
    expect(text.label).toBe(label);
    expect(text.severity).toBe(status.state === 'failed' ? 'error' : 'none');
  });

  it('tells what is known, and the message first', () => {
    const { facts } = describeStatus(
      {
        ...ready,
        message: 'Look here.',
        base: {
          id: 'b',
          tokens: 4096,
          source: 'restored',
          evaluated: 0,
          ms: 2.31,
          persisted: false,
        },
        lastFirstTokenMs: 1234,
        persistence: { kind: 'file', reason: 'network file system' },
      },
      true,
    );
    expect(facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Note: Look here.',
      'Model: Coder · context 8,192 tokens',
      'Base session: 4,096 tokens, restored from its file in 2.3 ms, in memory only',
      'Time to first token: 1.2 s',
      'Sessions: ordinary files (network file system)',
    ]);
  });

  it('says when the model cannot fill in', () => {
    const { facts } = describeStatus({ ...ready, model: { ...model, fim: false } }, true);
    expect(facts.some(({ name }) => name === 'Completion')).toBe(true);
  });
});
