/** Runs all cases of a repository under each base, with and without token healing. */
import { Prng } from '../../scripts/model/prng.ts';
import type { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { baseTokens, type BaseKind } from './bases.ts';
import { makeCases, type CaseOptions, type QualityCase } from './cases.ts';
import type { Judge, Likelihood } from './judge.ts';
import { casePrompt } from './prompt.ts';
import type { Repository } from './repositories.ts';
import { editSimilarity } from './similarity.ts';

export interface Variant {
  readonly base: BaseKind;
  readonly healing: boolean;
}

export interface CaseResult extends Likelihood {
  readonly repository: string;
  readonly variant: Variant;
  readonly languageId: string;
  readonly kind: QualityCase['kind'];
  readonly exact: boolean;
  readonly firstLine: boolean;
  readonly similarity: number;
}

export interface EvaluateOptions extends CaseOptions {
  readonly seed: number;
  readonly bases: readonly BaseKind[];
  readonly healing: readonly boolean[];
  readonly budgetTokens: number;
  readonly say: (line: string) => void;
}

const maxTokens = { line: 48, block: 128 };

export async function evaluateRepository(
  repository: Repository,
  judge: Judge,
  tokenizer: Tokenizer,
  options: EvaluateOptions,
): Promise<CaseResult[]> {
  const { cases, heldOut } = await makeCases(repository.files, new Prng(options.seed), options);
  const results: CaseResult[] = [];
  for (const base of options.bases) {
    const { budgetTokens } = options;
    const tokens = await baseTokens(base, repository, tokenizer, { budgetTokens, heldOut });
    options.say(`${repository.name}: ${cases.length} cases, base ${base}, ${tokens.length} tokens`);
    await judge.setBase(tokens);
    for (const healing of options.healing)
      for (const one of cases) {
        const variant = { base, healing };
        const result = await evaluateCase(one, variant, judge, tokenizer);
        results.push({ ...result, repository: repository.name });
      }
  }
  return results;
}

async function evaluateCase(
  one: QualityCase,
  variant: Variant,
  judge: Judge,
  tokenizer: Tokenizer,
): Promise<Omit<CaseResult, 'repository'>> {
  const { truth, kind, languageId } = one;
  const prompt = casePrompt(tokenizer, one, variant.healing);
  const likelihood = await judge.likelihood(prompt, truth);
  const lines = truth.split('\n').length;
  const isLongEnough = (text: string): boolean => text.split('\n').length > lines;
  const written = await judge.write(prompt, maxTokens[kind], isLongEnough);
  const text = written.split('\n').slice(0, lines).join('\n').trimEnd();
  return {
    ...likelihood,
    variant,
    languageId,
    kind,
    exact: text === truth,
    firstLine: firstLineOf(text) === firstLineOf(truth),
    similarity: editSimilarity(text, truth),
  };
}

function firstLineOf(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trimEnd();
}
