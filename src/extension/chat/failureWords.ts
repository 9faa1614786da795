import { EngineError, EngineGoneError } from '../../client/engineError.ts';
import { localize } from '../localize.ts';

/** What a person reads when there is no answer, and what to do. */
export function failureWords(error: unknown): string {
  if (error instanceof EngineGoneError)
    return localize(
      'The engine stopped while it was answering and is starting again. Your question is kept.',
    );
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof EngineError)) return message;
  if (error.code === 'ERR_WARMFORK_ENGINE_FAILED')
    return localize(
      'There is no model to answer: {0} Select a model file, or see the log.',
      message,
    );
  if (error.code === 'ERR_WARMFORK_ENGINE_NOT_READY')
    return localize('The engine is still starting. Ask again in a moment.');
  return message;
}
