/** `npm run demo` as a person runs it, on a small real workspace. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile, mkdir, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DemoReport } from '../../scripts/demo/report.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warmfork-demo-test-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function demo(...args: readonly string[]): Promise<string> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const script = join(root, 'scripts/demo.ts');
  const { stdout } = await run(process.execPath, [tsx, script, ...args]);
  return stdout;
}

it('builds, saves, kills the engine, restores, and gives the same text', async () => {
  const workspace = join(directory, 'project');
  await mkdir(workspace);
  await cp(join(root, 'src/base'), join(workspace, 'base'), { recursive: true });
  await cp(join(root, 'src/client'), join(workspace, 'client'), { recursive: true });
  await writeFile(join(workspace, 'package.json'), '{ "name": "small" }\n');
  const json = join(directory, 'report.json');
  const output = await demo('--workspace', workspace, '--json', json, '--base-tokens', '1000');
  expect(output).toContain('restore');
  const report = JSON.parse(await readFile(json, 'utf8')) as DemoReport; // our own format
  expect(report.base.tokens).toBeGreaterThan(500);
  expect(report.base.bytes).toBeGreaterThan(report.base.tokens);
  expect(report.completions.length).toBeGreaterThanOrEqual(3);
  expect(report.overlays).toHaveLength(report.completions.length);
  for (const { evaluated, reused, sameText } of report.completions) {
    expect(sameText).toBe(true);
    expect(reused.cold).toBe(report.base.tokens);
    expect(evaluated).toMatchObject({ warm: 1, restart: 1 });
    expect(reused.restart).toBe(reused.cold + evaluated.cold - 1);
  }
  expect(report.completions.some(({ text }) => text !== '')).toBe(true);
});

it('says what is wrong with a folder that has nothing to complete in', async () => {
  await expect(demo('--workspace', directory)).rejects.toThrow(/no source file/);
});

it('says what is wrong with a model that is none', async () => {
  const model = join(directory, 'none.gguf');
  await expect(demo('--workspace', join(root, 'src'), '--model', model)).rejects.toThrow(
    /none\.gguf/,
  );
});
