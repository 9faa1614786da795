/** The base mapped in place, measured: time, memory, processes, contexts per role. Linux. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { machineFacts } from '../lib/machine.ts';
import { ensureShapeModel } from '../lib/shapeModel.ts';
import { Bases } from './bases.ts';
import { dirtyTable, measureDirtyPages } from './dirtyPages.ts';
import { threadsVariable } from './engine.ts';
import type { KvType } from './jobs.ts';
import { measureProcesses, processesTable } from './processes.ts';
import { measureRestore, restoreTable } from './restore.ts';
import { measureRoles, measureSecondContext, rolesTable, secondContextTable } from './roles.ts';

const HELP = `Measures bases that are mapped in place, at the shape of Qwen2.5-Coder-0.5B.

npx tsx bench/in-place/main.ts [--part restore|dirty|processes|roles]... [--kv f16|q8_0]...
    [--quick] [--threads N] [--model GGUF] [--folder FOLDER] [--json FILE]

--part, --kv   default: all
--quick        small bases, few runs: shows that it works
--threads      default: 1; more of them wait for each other on a machine that does something else, too
--folder       keeps the bases there, for the next run`;

interface Plan {
  readonly restore: Parameters<typeof measureRestore>[2];
  readonly dirty: Parameters<typeof measureDirtyPages>[2];
  readonly processes: Parameters<typeof measureProcesses>[2];
  readonly roles: Parameters<typeof measureRoles>[2];
}

const k = 1024;

const fullPlan: Plan = {
  // The longest base leaves room for what is decoded on top.
  restore: { nCtx: 64 * k, tokens: [k, 4 * k, 16 * k, 32 * k, 63 * k], runs: 3 },
  dirty: { nCtx: 16 * k, nTokens: 4 * k, decoded: [0, 1, 8, 64, 256] },
  processes: { nCtx: 16 * k, nTokens: 4 * k, counts: [1, 2, 4, 8] },
  roles: { nCtx: 16 * k, nTokens: 4 * k, chats: [0, k, 4 * k], rounds: 4 },
};

const quickPlan: Plan = {
  restore: { nCtx: 4 * k, tokens: [k, 3 * k], runs: 2 },
  dirty: { nCtx: 4 * k, nTokens: k, decoded: [0, 1, 8] },
  processes: { nCtx: 4 * k, nTokens: k, counts: [1, 2] },
  roles: { nCtx: 4 * k, nTokens: k, chats: [0, k], rounds: 2 },
};

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true },
    kv: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
    model: { type: 'string' },
    folder: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const modelPath = values.model ?? (await ensureShapeModel('0.5b'));
  const machine = machineFacts(modelPath);
  const plan = values.quick ? quickPlan : fullPlan;
  const kvTypes = (values.kv ?? ['f16', 'q8_0']) as KvType[];
  const bases = new Bases(modelPath, values.folder);
  process.env[threadsVariable] = values.threads; // what is started below has it, too
  const result: Record<string, unknown> = { machine, threads: Number(values.threads), plan };
  const report = (part: string, results: unknown, table: string): void => {
    result[part] = results;
    console.log(`\n${part}\n\n${table}`);
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  };
  try {
    console.log(machine);
    if (wants('restore')) {
      const results = await each(kvTypes, (kv) => measureRestore(bases, kv, plan.restore));
      report('restore', results.flat(), restoreTable(results.flat()));
    }
    if (wants('dirty')) {
      const results = await each(kvTypes, (kv) => measureDirtyPages(bases, kv, plan.dirty));
      report('dirty', results.flat(), dirtyTable(results.flat()));
    }
    if (wants('processes')) {
      const results = await each(kvTypes, (kv) => measureProcesses(bases, kv, plan.processes));
      report('processes', results.flat(), processesTable(results.flat()));
    }
    if (wants('roles')) {
      const results = await each(kvTypes, (kv) => measureRoles(bases, kv, plan.roles));
      report('roles', results.flat(), rolesTable(results.flat()));
      const second = await each(kvTypes, (kv) => measureSecondContext(bases, kv, plan.roles));
      report('secondContext', second, secondContextTable(second));
    }
  } finally {
    bases.dispose();
  }
}

function wants(part: string): boolean {
  return values.part === undefined || values.part.includes(part);
}

async function each<A, B>(items: readonly A[], action: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (const item of items) results.push(await action(item));
  return results;
}
