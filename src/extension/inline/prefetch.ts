import type { InFlight } from './inFlight.ts';
import type { Question } from './question.ts';
import { replacedRest } from './replacedRest.ts';
import { requestOf } from './request.ts';
import type { ResultCache } from './resultCache.ts';
import type { TextWindow } from './textWindow.ts';

/** Asks what would follow after a suggestion that shows, unless that is known or being asked. */
export function prefetch(
  question: Question,
  text: string,
  { cache, inFlight, scope }: { cache: ResultCache; inFlight: InFlight; scope: string },
): void {
  const next = { ...question, window: afterAccepting(question.window, text) };
  if (cache.find({ uri: next.uri, window: next.window, scope })) return;
  if (inFlight.run?.params.uri === next.uri && inFlight.run.agreesWith(question.window)) return;
  inFlight.start(requestOf(next, 'prefetch'), { window: question.window, text });
}

/** The text around the cursor once a suggestion was accepted. */
function afterAccepting({ prefix, suffix, firstLine }: TextWindow, text: string): TextWindow {
  return {
    prefix: prefix + text,
    suffix: suffix.slice(replacedRest(text, suffix).length),
    firstLine,
  };
}
