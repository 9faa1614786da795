/**
 * How much of the base has to be evaluated again, commit by commit, over a real history.
 *
 *     npm run bench:stability -- --git <folder>/.git [--commits 200] [--budget 4096,8192] [--show]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commonPrefixLength } from '../../src/cache/tokenPrefix.ts';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import { basePrompt, countTokens } from '../../src/engine/prompt/basePrompt.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { FactsCache } from '../../src/project/factsCache.ts';
import { outlineProject, type ProjectOutline } from '../../src/project/outline.ts';
import { collectProjectContext, type ProjectContext } from '../../src/project/projectContext.ts';
import { BlobReader, commitFiles, newestCommits } from './gitFiles.ts';

const { values } = parseArgs({
  options: {
    git: { type: 'string', default: '.git' },
    commits: { type: 'string', default: '200' },
    budget: { type: 'string', default: '4096,8192' },
    show: { type: 'boolean', default: false },
  },
});
const budgets = values.budget.split(',').map(Number);

/** Bases that stay on disk in this measurement. */
const keptBases = 8;

const tokenizer = memoized(await openTokenizer());
const blobs = new BlobReader(values.git);
const commits = newestCommits(values.git, Number(values.commits) + 1);
const cache = new FactsCache();
const runs = budgets.map((budget) => ({
  budget,
  bases: [] as (readonly number[])[],
  previous: undefined as ProjectContext | undefined,
  again: [] as number[],
  againOfBest: [] as number[],
  size: 0,
  culprits: new Map<string, number>(),
}));

for (const commit of commits) {
  const files = commitFiles(values.git, commit, blobs);
  const outline = await outlineProject(files, { filesExclude: [] }, cache);
  for (const run of runs) await measure(run, files, outline, commit);
}
blobs.close();
report();

async function measure(
  run: (typeof runs)[number],
  files: ReturnType<typeof commitFiles>,
  outline: ProjectOutline,
  commit: string,
): Promise<void> {
  const context = await collectProjectContext(files, {
    repoName: 'project',
    filesExclude: [],
    countTokens: (text) => countTokens(tokenizer, text),
    budgetTokens: run.budget,
    outline: () => Promise.resolve(outline),
  });
  const { tokens } = basePrompt(tokenizer, context, run.budget);
  run.size = tokens.length;
  const shares = run.bases.map((base) => 1 - commonPrefixLength(base, tokens) / tokens.length);
  const again = shares.at(-1);
  if (again !== undefined) {
    run.again.push(again);
    run.againOfBest.push(Math.min(...shares));
    const culprit = firstDifference(run.previous, context);
    if (values.show)
      console.log(`${commit.slice(0, 8)} ${run.budget} ${(again * 100).toFixed(1)} % ${culprit}`);
    if (again > 0) {
      const layer = culprit.split(' ').slice(0, 2).join(' ');
      run.culprits.set(layer, (run.culprits.get(layer) ?? 0) + 1);
    }
  }
  run.previous = context;
  run.bases = [...run.bases, tokens].slice(-keptBases);
}

function firstDifference(before: ProjectContext | undefined, after: ProjectContext): string {
  const index = after.items.findIndex((item, at) => {
    const old = before?.items[at];
    return old?.path !== item.path || old.text !== item.text;
  });
  const item = after.items[index];
  if (item === undefined) return 'end';
  const old = before?.items.find(({ path, layer }) => path === item.path && layer === item.layer);
  const how = old === undefined ? 'new' : old.text === item.text ? 'moved' : 'edited';
  return `${item.layer} ${how} ${item.path} (was ${before?.items[index]?.path ?? '-'})`;
}

function report(): void {
  for (const { budget, again, againOfBest, size, culprits } of runs) {
    console.log(
      `\nbudget ${budget}: ${size} tokens, ${again.length} steps` +
        `\n  against the base before: ${describe(again)}` +
        `\n  against the best of ${keptBases} on disk: ${describe(againOfBest)}` +
        `\n  first difference: ${[...culprits].map(([layer, n]) => `${layer} ${n}`).join(', ')}`,
    );
  }
}

function describe(shares: readonly number[]): string {
  const sorted = [...shares].sort((left, right) => left - right);
  const at = (part: number): string =>
    `${((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) * 100).toFixed(1)} %`;
  const mean = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const same = shares.filter((one) => one === 0).length;
  return `median ${at(0.5)}, p75 ${at(0.75)}, p90 ${at(0.9)}, mean ${(mean * 100).toFixed(1)} %, unchanged ${same}`;
}

async function openTokenizer(): Promise<Tokenizer> {
  const { native } = await loadLlamaLibrary({ gpu: false, onLog: () => undefined });
  const path = resolve(import.meta.dirname, '../../models/stand-in.gguf');
  return new Tokenizer(await native.Model.load({ path, gpuLayers: 0, useMmap: true }));
}

/** Most texts come again with every commit. */
function memoized(inner: Tokenizer): Tokenizer {
  const known = new Map<string, number[]>();
  const text = (one: string): number[] => {
    let tokens = known.get(one);
    if (tokens === undefined) known.set(one, (tokens = inner.text(one)));
    return tokens;
  };
  return new Proxy(inner, {
    get: (target, key) => (key === 'text' ? text : (Reflect.get(target, key, target) as unknown)),
  });
}
