import { homedir } from 'node:os';
import process from 'node:process';
import type {
  FoundModel,
  ListModelsParams,
  ModelCheck,
  ModelFileFacts,
  ModelList,
} from '../protocol/models.ts';
import { unfinishedDownloads } from './download/unfinished.ts';
import { findModels } from './files/findModels.ts';
import { Estimator, type Study } from './native/llama.ts';
import { type ContextWish, recommend } from './recommended/recommend.ts';

/** What the engine takes where nothing is set. */
const defaultContextTokens = 16_384;

/** Everything there is to choose from. Nothing is asked of other machines. */
export async function listModels(params: ListModelsParams): Promise<ModelList> {
  const surroundings = { home: homedir(), platform: process.platform, env: process.env };
  const [estimator, files, unfinished] = await Promise.all([
    Estimator.create(params.gpu),
    findModels(params.folder, surroundings),
    unfinishedDownloads(params.folder),
  ]);
  const contextTokens = params.contextTokens > 0 ? params.contextTokens : defaultContextTokens;
  const wish = { contextTokens, kvType: params.kvType };
  const found: FoundModel[] = [];
  for (const { source, check } of files)
    found.push({ source, ...(await studied(check, estimator, wish)) });
  const { machine } = estimator;
  return { machine, found, unfinished, recommended: recommend(machine, wish) };
}

/** What the header says is looked at by node-llama-cpp as well. */
export async function checkThoroughly(check: ModelCheck): Promise<ModelCheck> {
  if (check.kind === 'unusable') return check;
  const wish = { contextTokens: defaultContextTokens, kvType: 'f16' } as const;
  return (await studied(check, await Estimator.create('off'), wish)).check;
}

async function studied(
  check: ModelCheck,
  estimator: Estimator,
  wish: ContextWish,
): Promise<Pick<FoundModel, 'check' | 'need'>> {
  if (check.kind === 'unusable') return { check };
  const { path, facts } = check.file;
  const study = await estimator.study(path, wish);
  if (study === undefined) return { check };
  const sentence = problemOf(facts, study);
  return sentence === undefined
    ? { check, need: study.need }
    : { check: { kind: 'unusable', path, sentence } };
}

function problemOf(
  { name, architecture }: ModelFileFacts,
  { isKnown, isCuttable }: Study,
): string | undefined {
  if (!isKnown) {
    return `"${name}" is of a kind (${architecture}) that this version of llama.cpp does not know: choose another model.`;
  }
  if (!isCuttable) {
    return `"${name}" is a recurrent or hybrid model (${architecture}), whose memory cannot be forked yet: choose one with full attention, such as Qwen2.5-Coder.`;
  }
  return undefined;
}
