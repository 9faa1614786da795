import { Completer, type CompleterOptions } from '../../src/extension/inline/completer.ts';
import type { CompletionTrace, Question } from '../../src/extension/inline/question.ts';
import type { CompletionParams } from '../../src/protocol/requests.ts';
import { completion, ManualClock, Recorder, startRig, type Rig } from '../client/helpers.ts';

export const uri = 'file:///a.ts';

/** A question at the mark `║` of a text. */
export function at(text: string, more: Partial<Question> = {}): Question {
  const [prefix = '', suffix = ''] = text.split('║');
  const window = { prefix, suffix, firstLine: 0 };
  return { uri, path: 'a.ts', languageId: 'typescript', window, trigger: 'automatic', ...more };
}

export interface InlineRig extends Rig {
  readonly clock: ManualClock;
  readonly completer: Completer;
  /** What the engine was asked. */
  readonly requests: Recorder<CompletionParams>;
  readonly ask: (
    text: string,
    more?: Partial<Question>,
    signal?: AbortSignal,
  ) => Promise<CompletionTrace>;
  /** Lets the requests that are held go on. */
  readonly release: () => Promise<unknown>;
  /** A key was pressed, and the text is as given. */
  readonly key: (text: string) => void;
}

/** A completer over the fake engine, in time that only the test lets pass. Nothing waits for typing to rest unless told. */
export function inlineRig(
  knobs: Readonly<Record<string, unknown>> = {},
  options: Partial<CompleterOptions> = {},
): InlineRig {
  const rig = startRig(knobs);
  const clock = new ManualClock();
  const requests = new Recorder<CompletionParams>();
  const engine: CompleterOptions['engine'] = {
    complete: (params, ...rest) => {
      requests.add(params);
      return rig.supervisor.complete(params, ...rest);
    },
  };
  const completer = new Completer({ engine, clock, debounceMs: () => 0, ...options });
  return {
    ...rig,
    clock,
    completer,
    requests,
    ask: (text, more, signal = new AbortController().signal) =>
      completer.complete(at(text, more), signal),
    release: () => rig.supervisor.complete(completion('<release>')),
    key: (text) => completer.edited(uri, () => at(text).window),
  };
}
