/**
 * Time to the first token of the third turn of a conversation of 2,000 tokens, against that of an empty chat.
 *
 *     npx tsx bench/chat/firstToken.ts [--model FILE | --shape 0.5b] [--repeats 9]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { inRoot } from '../../scripts/lib/paths.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { ChatMessage, ChatResult } from '../../src/protocol/chat.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import { defaultEngineSettings } from '../../src/protocol/settings.ts';
import { ensureShapeModel } from '../lib/shapeModel.ts';
import { median } from '../lib/statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    shape: { type: 'string' },
    repeats: { type: 'string', default: '9' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'warmfork-bench-chat-'));
const engine = startEngine(await chooseModel());
await engine.whenWarm();

const question = 'What does the function add return?';
const never = new AbortController().signal;

const long: ChatMessage[] = [];
for (const turn of [1, 2]) {
  const code = 'const sum = add(first, second);\n'.repeat(100);
  long.push({ role: 'user', content: `Turn ${turn}\n${code}` });
  long.push({ role: 'assistant', content: (await ask('long', long)).text });
}
await engine.openChat({ chatId: 'long', messages: long }, never); // after the turn is settled

const empty: ChatResult[] = [];
const third: ChatResult[] = [];
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  const asked: ChatMessage = { role: 'user', content: `${question} (${repeat})` };
  empty.push(await once(`empty-${repeat}`, [asked]));
  third.push(await once(`third-${repeat}`, [...long, asked], 'long'));
}

report('empty chat', empty);
report('third turn', third);
console.log(`ratio ${(firstToken(third) / firstToken(empty)).toFixed(2)} (goal: at most 1.3)`);
await engine.close();
rmSync(folder, { recursive: true, force: true });

function ask(chatId: string, messages: readonly ChatMessage[], branchOf?: string) {
  const params = { chatId, messages, maxTokens: 8, isPrivate: true, ...(branchOf && { branchOf }) };
  return engine.chat(params, never, () => undefined);
}

/** Leaves nothing behind: neither work nor cells. */
async function once(chatId: string, messages: readonly ChatMessage[], branchOf?: string) {
  const result = await ask(chatId, messages, branchOf);
  await engine.openChat({ chatId, messages }, never);
  await engine.discardChat(chatId);
  return result;
}

function firstToken(results: readonly ChatResult[]): number {
  return median(results.map(({ stats }) => stats.firstTokenMs));
}

function report(name: string, results: readonly ChatResult[]): void {
  const { promptTokens, evaluated } = results[0]!.stats;
  const ms = firstToken(results).toFixed(1);
  console.log(`${name}: prompt ${promptTokens}, evaluated ${evaluated}, first token ${ms} ms`);
}

async function chooseModel(): Promise<string> {
  if (values.shape === '0.5b' || values.shape === '1.5b') return ensureShapeModel(values.shape);
  return values.model ?? inRoot('models', 'stand-in.gguf');
}

function startEngine(modelPath: string): Engine {
  const path = join(folder, 'project');
  mkdirSync(path);
  writeFileSync(join(path, 'add.ts'), 'export const add = (a: number, b: number) => a + b;\n');
  const uri = pathToFileURL(path).href;
  const folders = [{ name: 'project', path, uri }];
  return new Engine(
    {
      ...{ protocolVersion, extensionVersion: 'bench', modelPath },
      workspace: { key: uri, name: 'project', folders, filesExclude: [] },
      storagePath: join(folder, 'sessions'),
      settings: { ...defaultEngineSettings, gpu: 'off', contextTokens: 8192 },
    },
    { onStatus: () => undefined, log: () => undefined },
  );
}
