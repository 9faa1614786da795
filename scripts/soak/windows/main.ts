/**
 * `npm run soak:windows -- --minutes 5 --windows 4`: windows on two projects share one engine and ask without end, while
 * the engine and the windows are killed at random. Every request after a kill must be answered, with the text that it
 * always had; there is one engine at a time, and no base is evaluated twice. Not part of `npm test`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { protocolVersion } from '../../../src/protocol/protocol.ts';
import { defaultEngineSettings, type InitializeParams } from '../../../src/protocol/settings.ts';
import { inRoot } from '../../lib/paths.ts';
import { allProcesses, commandLine } from '../../lib/processes.ts';
import type { Answer, WindowOptions } from './window.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    windows: { type: 'string', default: '4' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'warmfork-windows-'));
const directory = join(folder, 'run');
mkdirSync(directory, { mode: 0o700 });
const trace = join(folder, 'trace.jsonl');
const projects = ['one', 'two'].map((name) => makeProject(name));
const texts = new Map<string, string>();
const totals = { answered: 0, lost: 0, unanswered: 0, changed: 0, engineKills: 0, windowKills: 0 };
let mostEngines = 0;

function makeProject(name: string): WindowOptions {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of ['a.ts', 'b.ts', 'c.ts'])
    writeFileSync(join(path, file), `export const ${name}${file[0]} = '${name}';\n`.repeat(20));
  const uri = pathToFileURL(path).href;
  const params: InitializeParams = {
    protocolVersion,
    extensionVersion: 'soak',
    workspace: { key: uri, name, folders: [{ name, path, uri }], filesExclude: [] },
    storagePath: join(folder, 'sessions'),
    modelPath: inRoot('models', 'stand-in.gguf'),
    settings: { ...defaultEngineSettings, gpu: 'off', threads: 1, contextTokens: 4096 },
  };
  const requests = ['a.ts', 'b.ts', 'c.ts'].map((file, index) => ({
    uri: `${uri}/${file}`,
    path: file,
    languageId: 'typescript',
    prefix: `export function f${index}(value: number) {\n  return `,
    suffix: '\n}\n',
    firstLine: 0,
    maxTokens: 6,
  }));
  return { directory, params, requests };
}

function open(index: number): ChildProcess {
  const options = projects[index % projects.length]!;
  const child = fork(join(import.meta.dirname, 'window.ts'), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, WARMFORK_TRACE: trace, WARMFORK_IDLE_MS: '0' },
  });
  child.on('message', (answer: Answer) => {
    totals[answer.kind]++;
    if (answer.kind === 'unanswered') console.log(answer.error);
    if (answer.kind !== 'answered') return;
    const key = `${options.params.workspace.name} ${answer.request}`;
    const before = texts.get(key) ?? answer.text;
    texts.set(key, before);
    if (before === answer.text) return;
    totals.changed++;
    console.log(
      `${key}: ${JSON.stringify(answer.text)} (${answer.how}) instead of ${JSON.stringify(before)}`,
    );
  });
  return child;
}

/** Processes that are an engine, or would have become it if another had not been faster. */
function engines(): number[] {
  return allProcesses().filter((pid) => {
    const line = commandLine(pid);
    return line?.includes('--shared') === true && line.includes(directory);
  });
}

/** Those that serve: they have the model in memory. */
function hasModel(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes('stand-in.gguf');
  } catch {
    return false;
  }
}

/** Of all engines there have been: how often a base was evaluated instead of found. */
function evaluated(): number {
  const lines = readFileSync(trace, 'utf8').split('\n').slice(0, -1);
  const events = lines.map((line) => JSON.parse(line) as { event: string; source?: string });
  return events.filter(({ event, source }) => event === 'base' && source === 'evaluated').length;
}

const windows = Array.from({ length: Number(values.windows) }, (_, index) => open(index));
while (totals.answered < windows.length * 3) await sleep(200); // all bases are on the disk before anybody is killed
const endsAt = Date.now() + Number(values.minutes) * 60_000;
while (Date.now() < endsAt) {
  await sleep(500 + Math.random() * 4_000);
  const running = engines();
  mostEngines = Math.max(mostEngines, running.filter(hasModel).length);
  if (Math.random() < 0.5) {
    for (const pid of running) process.kill(pid, 'SIGKILL');
    totals.engineKills++;
  } else {
    const index = Math.floor(Math.random() * windows.length);
    windows[index]?.kill('SIGKILL');
    windows[index] = open(index);
    totals.windowKills++;
  }
}
const before = totals.answered;
while (totals.answered < before + windows.length * 3) await sleep(100); // everybody is served at the end
for (const window of windows) window.kill('SIGTERM');
while (engines().length > 0) await sleep(100); // ends by itself
const bases = evaluated();
rmSync(folder, { recursive: true });
console.log(
  `${totals.answered} answered, ${totals.lost} lost in a kill, ${totals.unanswered} not answered, ${totals.changed} with another text; ` +
    `${totals.engineKills} engines and ${totals.windowKills} windows killed; at most ${mostEngines} engine at a time; ` +
    `${bases} bases evaluated for ${projects.length} projects`,
);
process.exit(totals.unanswered + totals.changed > 0 || bases > projects.length ? 1 : 0);
