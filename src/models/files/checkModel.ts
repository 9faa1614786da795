/** Whether a file is a model this program can use, told from its header: nothing is loaded. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatBytes } from '../../base/format.ts';
import { GgufError } from '../../base/gguf/headerReader.ts';
import type { ModelCheck, ModelFile } from '../../protocol/models.ts';
import { modelFacts } from './modelFacts.ts';
import { modelParts } from './modelParts.ts';
import { readHeader, type ReadHeader } from './readHeader.ts';

/** Architectures that are no language models, or give no text. */
const otherThings: Readonly<Record<string, string>> = {
  clip: 'the vision part of another model',
  'wavtokenizer-dec': 'a speech decoder',
  ...Object.fromEntries(
    [
      ...['bert', 'modern-bert', 'nomic-bert', 'nomic-bert-moe', 'neo-bert', 'jina-bert-v2'],
      ...['jina-bert-v3', 'eurobert', 't5encoder', 'gemma-embedding', 'llama-embed'],
    ].map((architecture) => [architecture, 'an embedding model']),
  ),
};

export async function checkModel(path: string): Promise<ModelCheck> {
  const unusable = (sentence: string): ModelCheck => ({ kind: 'unusable', path, sentence });
  const name = basename(path);
  try {
    const parts = modelParts(path);
    if (parts[0] !== path) return await checkModel(parts[0]!);
    const header = await readHeader(path);
    const problem = whatIsWrong(name, header) ?? (await partProblem(name, parts));
    if (problem !== undefined) return unusable(problem);
    return { kind: 'usable', file: await modelFile(path, parts, header) };
  } catch (error) {
    return unusable(failureSentence(name, path, error));
  }
}

/** What is wrong with one file of a model, wherever it lies; `name` is what it is called. */
export async function checkPart(
  path: string,
  { name, isFirst }: { readonly name: string; readonly isFirst: boolean },
): Promise<string | undefined> {
  try {
    const header = await readHeader(path);
    return isFirst ? whatIsWrong(name, header) : cutOff(name, header);
  } catch (error) {
    return failureSentence(name, path, error);
  }
}

function whatIsWrong(name: string, header: ReadHeader): string | undefined {
  const architecture = header.metadata.get('general.architecture');
  if (typeof architecture !== 'string') {
    return `"${name}" does not say what kind of model it is: choose another file.`;
  }
  const other = otherThings[architecture];
  if (other !== undefined) {
    return `"${name}" is ${other} (${architecture}), which writes no text: choose a language model.`;
  }
  if (!header.metadata.has('tokenizer.ggml.tokens')) {
    return `"${name}" has no vocabulary, so it writes no text: choose a language model.`;
  }
  return cutOff(name, header);
}

function cutOff(name: string, { fileBytes, wholeBytes }: ReadHeader): string | undefined {
  if (fileBytes >= wholeBytes) return undefined;
  const sizes = `${formatBytes(fileBytes)} of ${formatBytes(wholeBytes)}`;
  return `"${name}" is cut off, it has ${sizes}: download it again.`;
}

/** The second and later parts have tensors but no model metadata. */
async function partProblem(name: string, parts: readonly string[]): Promise<string | undefined> {
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    const exists = await stat(part).catch(() => undefined);
    if (!exists) {
      const which = `part ${index + 1} of ${parts.length}`;
      return `"${name}" is split, and ${which} is missing: put all parts into one folder.`;
    }
    const problem = cutOff(basename(part), await readHeader(part));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function modelFile(
  path: string,
  parts: readonly string[],
  header: ReadHeader,
): Promise<ModelFile> {
  const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
  return {
    path,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    parts: parts.length,
    facts: modelFacts(path, header),
  };
}

function failureSentence(name: string, path: string, error: unknown): string {
  if (error instanceof GgufError) {
    return `"${name}" cannot be used as a model. ${error.message} Choose another file or download it again.`;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `There is no model file ${path}: choose another.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `The model file ${path} may not be read: change its permissions or choose another.`;
  }
  return `The model file ${path} cannot be read (${message}): choose another.`;
}
