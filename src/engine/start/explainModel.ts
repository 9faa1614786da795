import { basename } from 'node:path';
import { checkModel } from '../../models/files/checkModel.ts';
import { EngineError } from '../errors.ts';

/**
 * The error a person should see when an engine could not start: if the model file is to blame, what is wrong with it and
 * what to do. Looked for only then, so that a start that succeeds reads nothing twice.
 */
export async function explained(error: unknown, modelPath: string): Promise<unknown> {
  if (error instanceof EngineError) return error;
  const check = await checkModel(modelPath).catch(() => undefined);
  const sentence = check?.kind === 'unusable' ? check.sentence : loadSentence(error, modelPath);
  if (sentence === undefined) return error;
  return new EngineError('ERR_WARMFORK_MODEL', sentence, { cause: error });
}

/** Its header is in order, and still llama.cpp does not take it. */
function loadSentence(error: unknown, modelPath: string): string | undefined {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code !== 'ERR_WARMFORK_MODEL') return undefined;
  const why = message.replace(/^.*error loading model:\s*|;.*$/gs, '');
  return `"${basename(modelPath)}" cannot be loaded (${why}): choose another model.`;
}
