import type { EngineCounters } from '../protocol/status.ts';

export type Counters = { -readonly [Name in keyof EngineCounters]: EngineCounters[Name] };

export function newCounters(): Counters {
  return {
    tokensEvaluated: 0,
    baseTokensEvaluated: 0,
    decodeCalls: 0,
    decodesAborted: 0,
    decodesAhead: 0,
    forks: 0,
    readyForksMade: 0,
    readyForksTaken: 0,
    basesRestored: 0,
    overlaysRestored: 0,
    overlaysSaved: 0,
    overlayBytesSaved: 0,
    sequencesDetached: 0,
    completions: 0,
    chats: 0,
    cacheMisses: 0,
    tokensDrafted: 0,
    draftsKept: 0,
  };
}
