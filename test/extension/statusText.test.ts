import { describe, expect, it } from 'vitest';
import {
  describeStatus,
  inlineOn,
  type InlineState,
} from '../../src/extension/status/statusText.ts';
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
  it.each<[EngineStatus, InlineState, string]>([
    [{ state: 'starting', persistence: none }, inlineOn, '$(loading~spin) Warmfork: starting'],
    [
      { state: 'loadingModel', persistence: none },
      inlineOn,
      '$(loading~spin) Warmfork: loading model',
    ],
    [
      { state: 'warming', warming: { done: 512, total: 2048 }, persistence: none },
      inlineOn,
      '$(loading~spin) Warmfork: warming 25 %',
    ],
    [{ state: 'warming', persistence: none }, inlineOn, '$(loading~spin) Warmfork: warming 0 %'],
    [ready, inlineOn, '$(flame) Warmfork'],
    [{ ...ready, lastFirstTokenMs: 41.6 }, inlineOn, '$(flame) Warmfork 42 ms'],
    [
      { ...ready, server: { completion: { state: 'up', host: 'gpu:1' } } },
      inlineOn,
      '$(flame) Warmfork · server',
    ],
    [
      {
        ...ready,
        server: {
          completion: { state: 'up', host: 'gpu:1' },
          chat: { state: 'away', host: 'gpu:2', message: 'gpu:2 hung up.' },
        },
      },
      inlineOn,
      '$(flame) Warmfork · server away',
    ],
    [ready, { kind: 'off' }, '$(circle-slash) Warmfork: paused'],
    [ready, { kind: 'snoozed', until: '15:30' }, '$(bell-slash) Warmfork: snoozed until 15:30'],
    [ready, { kind: 'snoozed', until: undefined }, '$(bell-slash) Warmfork: snoozed'],
    [ready, { kind: 'paused', by: 'battery' }, '$(debug-pause) Warmfork: paused on battery'],
    [ready, { kind: 'paused', by: 'load' }, '$(debug-pause) Warmfork: paused, machine is busy'],
    [
      { ...ready, model: { ...model, standIn: true } },
      inlineOn,
      '$(flame) Warmfork (stand-in model)',
    ],
    [{ state: 'failed', persistence: none }, inlineOn, '$(error) Warmfork: failed'],
  ])('%j, inline %j', (status, inline, label) => {
    const text = describeStatus(status, inline);
    expect(text.label).toBe(label);
    expect(text.severity).toBe(status.state === 'failed' ? 'error' : 'none');
  });

  it('tells what is known, and the message first', () => {
    const { facts } = describeStatus({
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
    });
    expect(facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Note: Look here.',
      'Model: Coder · context 8,192 tokens',
      'Base session: 4,096 tokens, restored from its file in 2.3 ms, in memory only',
      'Time to first token: 1.2 s',
      'Sessions: ordinary files (network file system)',
    ]);
  });

  it('says when the model cannot fill in', () => {
    const { facts } = describeStatus({ ...ready, model: { ...model, fim: false } });
    expect(facts.some(({ name }) => name === 'Completion')).toBe(true);
  });
});

describe('for a screen reader', () => {
  const standIn = { ...ready, model: { ...model, standIn: true } };
  it.each<[EngineStatus, InlineState, readonly string[], string]>([
    [{ state: 'starting', persistence: none }, inlineOn, [], 'Warmfork: starting.'],
    [
      { state: 'warming', warming: { done: 1, total: 4 }, persistence: none },
      ...([inlineOn, []] as const),
      'Warmfork: warming 25 %.',
    ],
    [
      { ...standIn, lastFirstTokenMs: 41.6 },
      ...([inlineOn, []] as const),
      'Warmfork: ready. Stand-in model: its text has no meaning. Time to first token: 42 ms.',
    ],
    [ready, { kind: 'snoozed', until: '15:30' }, [], 'Warmfork: snoozed until 15:30.'],
    [
      { state: 'failed', message: 'The model file is missing.', persistence: none },
      ...([inlineOn, []] as const),
      'Warmfork: failed. The model file is missing.',
    ],
    [
      ready,
      { kind: 'off' },
      ['The setting a is not used.'],
      'Warmfork: paused. The setting a is not used.',
    ],
  ])('says the state of %j in sentences', (status, inline, problems, spoken) => {
    const text = describeStatus(status, inline, problems);
    expect(text.spoken).toBe(spoken);
    expect(text.spoken).not.toMatch(/\$\(|\*\*/);
    expect(text.problems).toEqual(problems);
  });

  it('offers what may help now', () => {
    const offered = (status: EngineStatus) =>
      describeStatus(status).commands.map(({ command }) => command);
    expect(offered({ state: 'failed', persistence: none })[0]).toBe('restartEngine');
    expect(offered(standIn)[0]).toBe('selectModel');
    expect(offered(ready)[0]).toBe('openChat');
  });
});
