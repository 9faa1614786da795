import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { CommandFailure, type CommandInput, type CommandResult } from './commandTypes.ts';
import { findDisagreements, findFile, manifestBeside, readHeader } from './sessionFile.ts';

const advice = {
  base: 'llama.cpp loads it into an empty context of the same model: llama_state_load_file().',
  overlay:
    'It holds only the cells above its base: llama.cpp loads it (llama_state_seq_load_file()) into a sequence, and ' +
    'the base belongs below it. Export that one, too:',
};

/** Copies a valid session and its manifest; what is there already is never replaced. */
export async function exportSession(input: CommandInput): Promise<CommandResult> {
  const [name = '', target = ''] = input.parameters;
  const path = await findFile(name, input.root, input.directory);
  const manifest = await manifestBeside(path);
  if (manifest === undefined)
    throw new CommandFailure(`${path} has no manifest: it is no session of the cache.`);
  const problems = await findDisagreements(path, await readHeader(path), manifest);
  if (problems.length > 0)
    throw new CommandFailure(`${path} is not exported: ${problems.join('; ')}.`);
  const out = resolve(input.directory, target);
  await copy(path, out);
  await copy(manifestPath(path), manifestPath(out));
  const base = `base-${manifest.baseId}.session`;
  const words = manifest.kind === 'base' ? advice.base : `${advice.overlay} ${base}`;
  const text = `Exported to ${out}, with its manifest beside it.\n${words}`;
  return { ok: true, text, data: { path, out, manifest } };
}

/** Source code in another form: for its owner alone. */
async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL);
  await chmod(to, 0o600);
}
