import { byCodeUnits } from './codeUnitOrder.ts';
import { makeItem, type ContextItem } from './contextItem.ts';
import { extractStart, withoutDecoration, type ExtractLimits } from './extract.ts';
import type { ItemSource } from './itemSource.ts';
import { MANIFESTS, manifestFacts } from './manifest.ts';
import { joinPath, rootDirectory } from './projectFiles.ts';
import { FORMAT_FILES, RULES_FILES } from './rulesFiles.ts';
import { readSourceText } from './sourceText.ts';

/**
 * The first layers, in their order: rules, manifests, READMEs.
 * Each has a fixed share of the whole budget, so that no layer depends on one that comes later.
 */
export async function leadingItems(source: ItemSource): Promise<readonly ContextItem[]> {
  const items: ContextItem[] = [];
  for (const layer of EXTRACT_LAYERS) {
    const found = findFiles(source, layer.names);
    const share = Math.floor((source.budget.totalTokens * layer.share) / Math.max(1, found.length));
    for (const path of found) {
      const item = await extractItem(source, { ...layer, path, share });
      if (item !== undefined) items.push(item);
    }
  }
  return items;
}

interface ExtractLayer {
  readonly layer: 'rules' | 'manifest' | 'readme';
  /** Paths below a root in lower case, the most important first. */
  readonly names: readonly string[];
  /** Part of the whole budget that the layer's items share equally. */
  readonly share: number;
  readonly limits: ExtractLimits;
  readonly why: string;
  readonly shorten: (name: string, text: string) => string;
}

const EXTRACT_LAYERS: readonly ExtractLayer[] = [
  {
    layer: 'rules',
    names: FORMAT_FILES,
    share: 0.02,
    limits: { maxChars: 1200, maxLines: 40 },
    why: 'tells how code looks here',
    shorten: (_name, text) => withoutComments(text),
  },
  {
    layer: 'rules',
    names: RULES_FILES,
    share: 0.12,
    limits: { maxChars: 8000, maxLines: 160 },
    why: 'tells how work is done here',
    shorten: (_name, text) => withoutDecoration(text),
  },
  {
    layer: 'manifest',
    names: MANIFESTS.map((name) => name.toLowerCase()),
    share: 0.1,
    limits: { maxChars: 8000, maxLines: 200 },
    why: 'names the project, its scripts and dependencies',
    shorten: manifestFacts,
  },
  {
    layer: 'readme',
    names: ['readme.md', 'readme.rst', 'readme.txt', 'readme'],
    share: 0.06,
    limits: { maxChars: 4000, maxLines: 60 },
    why: 'begins to say what the project is',
    shorten: (_name, text) => withoutDecoration(text),
  },
];

/** Where those of the names that exist are, root by root. */
function findFiles({ files, paths }: ItemSource, names: readonly string[]): readonly string[] {
  const byLowerCase = new Map<string, string>();
  // The first of several spellings, in code unit order.
  for (const path of paths) {
    const key = path.toLowerCase();
    if (!byLowerCase.has(key)) byLowerCase.set(key, path);
  }
  const roots = files.roots.map((root) => rootDirectory(files, root.name)).sort(byCodeUnits);
  return roots.flatMap((root) =>
    names.flatMap((name) => byLowerCase.get(joinPath(root.toLowerCase(), name)) ?? []),
  );
}

/** Formatters' files have comments that explain the formatter. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*[#;]/u.test(line))
    .join('\n');
}

type ExtractPlan = ExtractLayer & { readonly path: string };

async function extractItem(
  source: ItemSource,
  plan: ExtractPlan,
): Promise<ContextItem | undefined> {
  source.signal?.throwIfAborted();
  const read = await readSourceText(source.files, plan.path);
  if (read.kind === 'useless') return undefined;
  const name = plan.path.slice(plan.path.lastIndexOf('/') + 1);
  const text = plan.shorten(name, read.text);
  let { maxChars } = plan.limits;
  maxChars = Math.min(maxChars, plan.share * CHARS_PER_TOKEN);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const kept = extractStart(text, { ...plan.limits, maxChars });
    if (kept === '') return undefined;
    const { layer, path, why } = plan;
    const item = makeItem({ layer, path, text: kept, why }, source.countTokens);
    if (item.tokens <= plan.share) return source.budget.take(item.tokens) ? item : undefined;
    maxChars = Math.floor((Math.min(maxChars, kept.length) * plan.share * 0.9) / item.tokens);
  }
  return undefined;
}

/** No tokenizer makes more of ordinary text. */
const CHARS_PER_TOKEN = 6;
const MAX_ATTEMPTS = 4;
