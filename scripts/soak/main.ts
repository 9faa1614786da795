/**
 * `npm run soak -- --minutes 60`: processes decode on one image, one after the other is killed and started again, and
 * the image must stay what it was. Not part of `npm test`; docs/in-place.md has the last long run.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inRoot } from '../lib/paths.ts';
import { contextOptions, load, probe, writeImage } from './image.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    processes: { type: 'string', default: '3' },
  },
});
const endsAt = Date.now() + Number(values.minutes) * 60_000;

const loaded = await load();
const files = await writeImage(loaded);
const { context } = await loaded.native.Context.openImage(loaded.model, contextOptions, files);
const expected = await probe(context, loaded.model);
await context.close();

const hash = (): string => createHash('sha256').update(readFileSync(files.cellsPath)).digest('hex');
const before = hash();
const totals = { rounds: 0, tokens: 0, kills: 0, checks: 0, wrong: 0 };

function start(): ChildProcess {
  const child = fork(inRoot('scripts', 'soak', 'worker.ts'), [JSON.stringify(files), expected], {
    execArgv: ['--import', 'tsx'],
  });
  child.on('message', (message: { kind: 'round' | 'wrong'; tokens?: number }) => {
    if (message.kind === 'wrong') totals.wrong++;
    totals.rounds++;
    totals.tokens += message.tokens ?? 0;
  });
  return child;
}

const children = Array.from({ length: Number(values.processes) }, start);
while (Date.now() < endsAt && totals.wrong === 0) {
  await sleep(5000 + Math.random() * 20_000);
  const at = Math.floor(Math.random() * children.length);
  children[at]?.kill('SIGKILL');
  children[at] = start();
  totals.kills++;
  if (hash() !== before) totals.wrong++;
  totals.checks++;
}
for (const child of children) child.kill('SIGKILL');
const isSame = hash() === before;
rmSync(dirname(files.cellsPath), { recursive: true });
console.log(
  `${totals.tokens} tokens decoded in ${totals.rounds} rounds on one image; ${totals.kills} processes killed; ` +
    `${totals.checks} times the image was hashed; ${totals.wrong} wrong results; the image is ${isSame ? 'unchanged' : 'CHANGED'}`,
);
process.exit(isSame && totals.wrong === 0 ? 0 : 1);
