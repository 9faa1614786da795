/** npm run bench:quality: how good what is suggested is, with and without the base and token healing. */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { machineFacts } from '../lib/machine.ts';
import { evaluateRepository, type CaseResult } from './evaluate.ts';
import { openModel } from './model.ts';
import { parseQualityOptions, qualityHelp, type QualityOptions } from './options.ts';
import { scoresBy, scoreTable, variantName } from './report.ts';
import { repositories } from './repositories.ts';

async function run(options: QualityOptions): Promise<void> {
  const { model: path, threads, budgetTokens } = options;
  const model = await openModel({ path, threads, budgetTokens });
  const results: CaseResult[] = [];
  try {
    for (const repository of await repositories(options.repositories)) {
      const { judge, tokenizer } = model;
      const evaluate = { ...options, say: (line: string) => console.error(line) };
      results.push(...(await evaluateRepository(repository, judge, tokenizer, evaluate)));
    }
  } finally {
    await model.close();
  }
  await report(results, options);
}

async function report(results: readonly CaseResult[], options: QualityOptions): Promise<void> {
  if (results.length === 0) throw new Error('no repository has functions to cut; see --help');
  const byVariant = scoresBy(results, variantName);
  const byLanguage = scoresBy(results, (one) => `${one.languageId}: ${variantName(one)}`);
  const byKind = scoresBy(results, (one) => `${one.kind}: ${variantName(one)}`);
  for (const scores of [byVariant, byLanguage, byKind]) console.log(`${scoreTable(scores)}\n`);
  const { json, model, ...shown } = options;
  if (json === undefined) return;
  const scores = [byVariant, byLanguage, byKind].map((one) => Object.fromEntries(one));
  const [variants, languages, kinds] = scores;
  const result = { machine: machineFacts(model), options: shown, variants, languages, kinds };
  await writeFile(json, `${JSON.stringify(result, undefined, 2)}\n`);
}

const options = parseQualityOptions(process.argv.slice(2));
if (options === undefined) console.log(qualityHelp);
else await run(options);
