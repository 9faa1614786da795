import { checkModel } from '../../models/files/checkModel.ts';
import { EngineError } from '../errors.ts';

/**
 * The error a person should see when an engine could not start: if the model file is to blame, what is wrong with it and
 * what to do. Looked for only then, so that a start that succeeds reads nothing twice.
 */
export async function explained(error: unknown, modelPath: string): Promise<unknown> {
  if (error instanceof EngineError) return error;
  const check = await checkModel(modelPath).catch(() => undefined);
  if (check?.kind !== 'unusable') return error;
  return new EngineError('ERR_WARMFORK_MODEL', check.sentence, { cause: error });
}
