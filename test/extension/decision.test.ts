import { describe, expect, it } from 'vitest';
import {
  decisionOf,
  refusal,
  restraint,
  type Decision,
  type QuestionFacts,
} from '../../src/extension/inline/decision.ts';
import { DecisionLog } from '../../src/extension/inline/decisionLog.ts';
import { explain } from '../../src/extension/inline/decisionWords.ts';
import { parseSettings, type InlineSettings } from '../../src/extension/settings.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';

const settings = parseSettings(() => undefined).inline;
const off = (change: Partial<InlineSettings>): InlineSettings => ({ ...settings, ...change });

function facts(change: Partial<QuestionFacts> = {}): QuestionFacts {
  return {
    scheme: 'file',
    isCode: true,
    languageId: 'typescript',
    trigger: 'automatic',
    settings,
    switchedOffIn: 'settings',
    snooze: undefined,
    pausedBy: undefined,
    ...change,
  };
}

const snooze = { until: '15:30' };

describe('refusal', () => {
  it.each<[Partial<QuestionFacts>, Decision | undefined]>([
    [{}, undefined],
    [
      { scheme: 'output', isCode: false },
      { kind: 'notCode', scheme: 'output' },
    ],
    [
      { settings: off({ enabled: false }), switchedOffIn: 'folder' },
      { kind: 'off', place: 'folder' },
    ],
    [{ languageId: 'markdown' }, { kind: 'languageOff', languageId: 'markdown' }],
    [
      { languageId: 'markdown', trigger: 'invoke' },
      { kind: 'languageOff', languageId: 'markdown' },
    ],
    [{ snooze }, { kind: 'snoozed', until: '15:30' }],
    [{ snooze, trigger: 'invoke' }, undefined],
  ])('of %j is %j', (change, expected) => {
    expect(refusal(facts(change))).toEqual(expected);
  });
});

describe('restraint', () => {
  const manual = off({ trigger: 'manual' });
  it.each<[Partial<QuestionFacts>, Decision | undefined]>([
    [{}, undefined],
    [{ settings: manual }, { kind: 'manual' }],
    [{ settings: manual, trigger: 'invoke' }, undefined],
    [{ pausedBy: 'battery' }, { kind: 'paused', by: 'battery' }],
    [{ pausedBy: 'battery', trigger: 'invoke' }, undefined],
  ])('of %j is %j', (change, expected) => {
    expect(restraint(facts(change))).toEqual(expected);
  });
});

describe('decisionOf', () => {
  const trace = {
    uri: 'file:///a',
    trigger: 'automatic',
    source: 'engine',
    text: '',
    candidates: [],
    attempts: 1,
    ms: 1,
  } as const;
  it.each<[Parameters<typeof decisionOf>[0], Decision]>([
    [
      { ...trace, outcome: 'offered', candidates: ['a', 'b'] },
      { kind: 'offered', source: 'engine', count: 2 },
    ],
    [
      { ...trace, outcome: 'empty', dropped: 'brackets' },
      { kind: 'empty', dropped: 'brackets' },
    ],
    [
      { ...trace, outcome: 'failed', error: 'why' },
      { kind: 'failed', message: 'why' },
    ],
    [{ ...trace, outcome: 'cancelled' }, { kind: 'cancelled' }],
    [{ ...trace, outcome: 'cancelled', superseded: true }, { kind: 'superseded' }],
  ])('%j', (given, expected) => {
    expect(decisionOf(given)).toEqual(expected);
  });
});

describe('DecisionLog', () => {
  it('keeps what became of the newest question', () => {
    const log = new DecisionLog();
    expect(log.last).toBeUndefined();
    const older = log.begin();
    older.decide({ kind: 'pending' });
    const newer = log.begin();
    newer.decide({ kind: 'manual' });
    older.decide({ kind: 'superseded' });
    expect(log.last).toEqual({ kind: 'manual' });
  });
});

describe('explain', () => {
  const status: EngineStatus = { state: 'ready', persistence: { kind: 'mapped' } };
  const shown = { status, editorShowsSuggestions: true };

  it.each<[Decision | undefined, string]>([
    [undefined, 'not asked yet'],
    [{ kind: 'notCode', scheme: 'output' }, '(output)'],
    [{ kind: 'off', place: 'folder' }, 'off in this folder'],
    [{ kind: 'languageOff', languageId: 'markdown' }, 'off for markdown'],
    [{ kind: 'snoozed', until: '15:30' }, 'until 15:30'],
    [{ kind: 'snoozed', until: undefined }, 'until VS Code starts again'],
    [{ kind: 'manual' }, 'only when you ask'],
    [{ kind: 'paused', by: 'battery' }, 'on battery'],
    [{ kind: 'paused', by: 'load' }, 'busy'],
    [{ kind: 'pending' }, 'not answered yet'],
    [{ kind: 'superseded' }, 'typed on'],
    [{ kind: 'cancelled' }, 'gave the question up'],
    [{ kind: 'failed', message: 'out of memory' }, 'out of memory'],
    [{ kind: 'empty', dropped: undefined }, 'nothing to add'],
    [{ kind: 'empty', dropped: 'secretFile' }, 'holds secrets'],
    [{ kind: 'empty', dropped: 'repeatsNextLines' }, 'repeated the lines that follow'],
    [{ kind: 'offered', source: 'engine', count: 1 }, 'A suggestion was offered by the model'],
    [{ kind: 'offered', source: 'cache', count: 3 }, '3 suggestions were offered'],
  ])('%j', (decision, words) => {
    expect(explain({ ...shown, decision }).words).toContain(words);
  });

  it('offers a way out where there is one', () => {
    const remedyOf = (decision: Decision) => explain({ ...shown, decision }).remedy;
    expect(remedyOf({ kind: 'snoozed', until: undefined })).toBe('endSnooze');
    expect(remedyOf({ kind: 'languageOff', languageId: 'x' })).toBe('settings');
    expect(remedyOf({ kind: 'failed', message: '' })).toBe('log');
    expect(remedyOf({ kind: 'empty', dropped: undefined })).toBeUndefined();
  });

  it("tells of VS Code's own switch first, and of an engine that is not ready", () => {
    const decision: Decision = { kind: 'pending' };
    const hidden = explain({ ...shown, decision, editorShowsSuggestions: false });
    expect(hidden.words).toContain('editor.inlineSuggest.enabled');
    expect(hidden.remedy).toBe('editorSettings');
    const loading: EngineStatus = { ...status, state: 'loadingModel' };
    expect(explain({ ...shown, status: loading, decision }).words).toContain('loading the model');
  });
});
