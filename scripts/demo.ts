/** npm run demo [-- --workspace DIR] [--model FILE] [--json FILE] [--base-tokens N] */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatReport } from './demo/report.ts';
import { runDemo } from './demo/runDemo.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    workspace: { type: 'string', default: root },
    model: { type: 'string', default: join(root, 'models/stand-in.gguf') },
    json: { type: 'string' },
    'base-tokens': { type: 'string', default: '4096' },
  },
});

const storage = await mkdtemp(join(tmpdir(), 'warmfork-demo-'));
try {
  const report = await runDemo({
    workspace: resolve(values.workspace),
    model: resolve(values.model),
    engineModule: join(root, 'dist/engine.mjs'),
    storage,
    baseTokens: Number(values['base-tokens']),
    say: (line) => console.log(line),
  });
  console.log(`\n${formatReport(report)}`);
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(report, undefined, 2));
  const different = report.completions.filter(({ sameText }) => !sameText);
  if (different.length > 0) {
    console.error(`\n${different.length} completions gave another text after the restart.`);
    process.exitCode = 1;
  }
} finally {
  await rm(storage, { recursive: true, force: true });
}
