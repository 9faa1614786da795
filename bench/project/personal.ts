/**
 * Whether the last layer is worth choosing by what a person works on: over a real history, the share of the files that
 * the next commit of the most frequent author touches, and of those that they import, which the base has whole; and what
 * has to be evaluated again.
 *
 *     npx tsx bench/project/personal.ts --git <folder>/.git [--commits 200] [--budget 8192]
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commonPrefixLength } from '../../src/cache/tokenPrefix.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import { basePrompt, countTokens } from '../../src/engine/prompt/basePrompt.ts';
import { FactsCache } from '../../src/project/factsCache.ts';
import { importGraph } from '../../src/project/importGraph.ts';
import { outlineProject } from '../../src/project/outline.ts';
import { collectProjectContext } from '../../src/project/projectContext.ts';
import { surveyFiles } from '../../src/project/survey.ts';
import { BlobReader, commitFiles, newestCommits } from './gitFiles.ts';

const { values } = parseArgs({
  options: {
    git: { type: 'string', default: '.git' },
    commits: { type: 'string', default: '200' },
    budget: { type: 'string', default: '8192' },
    hours: { type: 'string', default: '8' },
  },
});
const budgetTokens = Number(values.budget);
const hourMs = 3_600_000;
const halfLifeMs = 72 * hourMs;
const nWorkedOn = 8;

interface Step {
  readonly commit: string;
  readonly author: string;
  readonly atMs: number;
  readonly touched: readonly string[];
}

const { native } = await loadLlamaLibrary({ gpu: false, onLog: () => undefined });
const path = resolve(import.meta.dirname, '../../models/stand-in.gguf');
const plain = new Tokenizer(await native.Model.load({ path, gpuLayers: 0, useMmap: true }));
const known = new Map<string, number[]>();
const tokenizer = new Proxy(plain, {
  get: (target, key) =>
    key === 'text'
      ? (text: string) => {
          const tokens = known.get(text) ?? target.text(text);
          known.set(text, tokens);
          return tokens;
        }
      : (Reflect.get(target, key, target) as unknown),
});

const steps = newestCommits(values.git, Number(values.commits) + 1).map(stepOf);
const person = mostFrequent(steps.map(({ author }) => author));
const blobs = new BlobReader(values.git);
const cache = new FactsCache();

/** What the last layer is chosen by. */
type Policy = 'nothing' | 'sticky' | 'always';
interface Run {
  readonly policy: Policy;
  taken: readonly string[];
  takenAtMs: number;
  changes: number;
  base: readonly number[];
  readonly again: number[];
  readonly own: number[];
  readonly imports: number[];
}
const runs = (['nothing', 'sticky', 'always'] as const).map((policy): Run => ({
  ...{ policy, taken: [], takenAtMs: steps[0]?.atMs ?? 0, changes: 0, base: [] },
  ...{ again: [], own: [], imports: [] },
}));
const scores = new Map<string, { score: number; atMs: number }>();

for (const [at, step] of steps.entries()) {
  if (step.author === person) for (const file of step.touched) note(file, step.atMs);
  const files = commitFiles(values.git, step.commit, blobs);
  const outline = await outlineProject(files, { filesExclude: [] }, cache);
  const survey = await surveyFiles({ files, paths: outline.paths, cache });
  const graph = importGraph(new Map([...survey.facts].map(([one, { imports }]) => [one, imports])));
  const next = steps.slice(at + 1).find(({ author }) => author === person);
  const touched = (next?.touched ?? []).filter((one) => graph.has(one));
  const imported = new Set(touched.flatMap((one) => [...(graph.get(one)?.keys() ?? [])]));
  for (const one of touched) imported.delete(one);
  for (const run of runs) {
    take(run, step.atMs);
    const context = await collectProjectContext(files, {
      repoName: 'project',
      filesExclude: [],
      countTokens: (text) => countTokens(tokenizer, text),
      budgetTokens,
      outline: () => outlineProject(files, { filesExclude: [], workedOn: run.taken }, cache),
    });
    const { tokens } = basePrompt(tokenizer, context, budgetTokens);
    if (run.base.length > 0)
      run.again.push(1 - commonPrefixLength(run.base, tokens) / tokens.length);
    run.base = tokens;
    if (step.author !== person) continue;
    const whole = new Set(
      context.items.filter(({ layer }) => layer === 'files').map((i) => i.path),
    );
    if (touched.length > 0) run.own.push(share(touched, whole));
    if (imported.size > 0) run.imports.push(share([...imported], whole));
  }
}
blobs.close();
for (const { policy, again, own, imports, changes } of runs)
  console.log(
    `${policy.padEnd(8)} touched next, whole: ${percent(own)} of ${own.length} commits; what those import: ${percent(imports)} of ${imports.length}; evaluated again: mean ${percent(again)}, unchanged ${again.filter((one) => one === 0).length} of ${again.length}; taken over ${changes} times`,
  );

function take(run: Run, nowMs: number): void {
  if (run.policy === 'nothing') return;
  const top = workedOn(nowMs);
  if (run.policy === 'sticky') {
    const both = top.filter((one) => run.taken.includes(one)).length;
    const moved = both * 2 < Math.max(top.length, run.taken.length);
    if (!moved || nowMs - run.takenAtMs < Number(values.hours) * hourMs) return;
  }
  if (top.join() !== run.taken.join()) run.changes++;
  run.taken = top;
  run.takenAtMs = nowMs;
}

function note(file: string, nowMs: number): void {
  scores.set(file, { score: scoreAt(file, nowMs) + 1, atMs: nowMs });
}

function scoreAt(file: string, nowMs: number): number {
  const found = scores.get(file);
  return found === undefined ? 0 : found.score * 2 ** ((found.atMs - nowMs) / halfLifeMs);
}

function workedOn(nowMs: number): readonly string[] {
  const files = [...scores.keys()].sort((a, b) => scoreAt(b, nowMs) - scoreAt(a, nowMs));
  return files.slice(0, nWorkedOn).sort();
}

function stepOf(commit: string): Step {
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', values.git, ...args], { encoding: 'utf8', maxBuffer: 1e9 });
  const [author = '', seconds = ''] = git('show', '-s', '--format=%ae%n%ct', commit).split('\n');
  const names = git(
    'diff-tree',
    '-r',
    '-m',
    '--first-parent',
    '--no-commit-id',
    '--name-only',
    commit,
  );
  const touched = names.split('\n').filter((name) => name !== '');
  return { commit, author, atMs: Number(seconds) * 1000, touched };
}

function mostFrequent(all: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

function share(wanted: readonly string[], whole: ReadonlySet<string>): number {
  return wanted.filter((one) => whole.has(one)).length / wanted.length;
}

function percent(shares: readonly number[]): string {
  const mean = shares.reduce((sum, one) => sum + one, 0) / Math.max(1, shares.length);
  return `${(mean * 100).toFixed(1)} %`;
}
