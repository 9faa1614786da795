/** What is tokenised when little has changed: after a typed character, and of a base when one of its files was edited. */
import { basePrompt } from '../../../src/engine/prompt/basePrompt.ts';
import { anchorParts, type Anchor } from '../../../src/engine/prompt/anchor.ts';
import { fimPrompt } from '../../../src/engine/prompt/fimPrompt.ts';
import { TextMemory } from '../../../src/engine/prompt/textMemory.ts';
import { Tokenizer } from '../../../src/engine/inference/tokenizer.ts';
import { loadLlamaLibrary } from '../../../src/engine/native/loadLlama.ts';
import type { ProjectContext } from '../../../src/project/projectContext.ts';
import type { ResultRow } from '../../lib/result.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const lengths = [1000, 10_000, 100_000];
const typed = 'const found = items.filter((item) => item.name === name);';
const line = 'export function value(index: number): number { return index * 2 + 1; }\n';
const files = 40;

export async function tokenisePart(bench: Bench): Promise<ResultRow[]> {
  const { native } = await loadLlamaLibrary({ gpu: false });
  const model = await native.Model.load({ path: bench.model, gpuLayers: 0, useMmap: true });
  try {
    const tokenizer = new Tokenizer(model);
    return [...lengths.flatMap((length) => typedRows(tokenizer, length)), projectRow(tokenizer)];
  } finally {
    await model.close();
  }
}

function typedRows(tokenizer: Tokenizer, length: number): ResultRow[] {
  const document = line.repeat(Math.ceil(length / line.length)).slice(0, length) + '\n';
  const ask = (text: string, before?: Anchor): Anchor => {
    const parts = anchorParts({ prefix: document + text, firstLine: 0, suffix: '\n' }, before);
    fimPrompt(tokenizer, 'src/value.ts', parts);
    return parts.anchor;
  };
  let anchor = ask('');
  const chars: number[] = [];
  const ms: number[] = [];
  for (let end = 1; end <= typed.length; end++) {
    const before = tokenizer.charsTokenized;
    const began = performance.now();
    anchor = ask(typed.slice(0, end), anchor);
    ms.push(performance.now() - began);
    chars.push(tokenizer.charsTokenized - before);
  }
  const began = performance.now();
  tokenizer.text(document);
  const whole = performance.now() - began;
  const size = `${length.toLocaleString('en')} characters`;
  return [
    measuredRow({
      ...{ name: `tokenised after a typed character, document of ${size}`, unit: 'characters' },
      ...{ ours: [Math.max(...chars)], peers: { 'the document': [length] } },
      goal: { kind: 'atMost', value: typed.length },
    }),
    measuredRow({
      ...{ name: `prompt after a typed character, document of ${size}`, unit: 'ms', ours: ms },
      ...{ peers: { 'the document': [whole] }, goal: { kind: 'atMost', value: 0.5 } },
    }),
  ];
}

/** The base is looked at again, and one of its files is another. */
function projectRow(tokenizer: Tokenizer): ResultRow {
  const memory = new TextMemory((text) => tokenizer.text(text));
  const look = (edited: string): number => {
    const before = tokenizer.charsTokenized;
    memory.beginLook();
    basePrompt(tokenizer, projectOf(edited), 1_000_000, memory.tokens);
    return tokenizer.charsTokenized - before;
  };
  const all = look('');
  return measuredRow({
    ...{ name: `tokenised when one of ${files} files of a base was edited`, unit: 'characters' },
    ...{ ours: [look('// edited\n')], peers: { 'the base': [all] }, against: 'the base' },
    goal: { kind: 'ratio', atLeast: files / 2 },
  });
}

function projectOf(edited: string): ProjectContext {
  const items = Array.from({ length: files }, (_, file) => {
    const text = line.repeat(20) + (file === 0 ? edited : '');
    return { layer: 'files' as const, path: `src/file${file}.ts`, text, why: '', tokens: 0 };
  });
  return { repoName: 'project', items, leftOut: [], rules: '' };
}
