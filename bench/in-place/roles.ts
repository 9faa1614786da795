/**
 * Completion and chat in one context, or each in one of its own on the same image: what a completion's tokens cost beside
 * a chat of some length, and what a second context costs.
 */
import { markdownTable, shown } from '../lib/result.ts';
import { median } from '../lib/statistics.ts';
import type { Bases } from './bases.ts';
import type { Base, KvType } from './jobs.ts';
import { withWorker, type Worker } from './workerClient.ts';

export interface RolesResult {
  readonly kvType: KvType;
  readonly nTokens: number;
  /** Cells of the chat above the base. */
  readonly chatTokens: number;
  /**
   * Medians of one decoded token, and of 64 evaluated in one batch, in the completion's sequence: processor time, which
   * other programs change least.
   */
  readonly sharedTokenMs: number;
  readonly ownTokenMs: number;
  readonly sharedBatchMs: number;
  readonly ownBatchMs: number;
}

export interface SecondContext {
  readonly kvType: KvType;
  /** Opening it, the first context being there. */
  readonly openMs: number;
  /** What it adds to the process: as it is opened, and when it has decoded 64 tokens one by one and 64 at once. */
  readonly openedKib: number;
  readonly usedKib: number;
  /** The part of it that is K/V cells. */
  readonly usedCellsKib: number;
}

export interface RolesPlan {
  readonly nCtx: number;
  readonly nTokens: number;
  readonly chats: readonly number[];
  readonly rounds: number;
}

const completion = 1;
const chat = 2;

export async function measureRoles(
  bases: Bases,
  kvType: KvType,
  plan: RolesPlan,
): Promise<RolesResult[]> {
  const longest = Math.max(...plan.chats);
  const base = await bases.make(kvType, plan.nCtx, plan.nTokens);
  const longer = await bases.make(kvType, plan.nCtx, plan.nTokens + longest);
  const results: RolesResult[] = [];
  for (const chatTokens of plan.chats) {
    results.push(await withWorker((worker) => compare(worker, chatTokens)));
    console.error(results.at(-1)); // these runs are long
  }
  return results;

  async function compare(worker: Worker, chatTokens: number): Promise<RolesResult> {
    for (const context of ['shared', 'own'])
      await worker.ask({ kind: 'open', base, way: 'place', context });
    if (chatTokens > 0) await graftChat(worker, longer, plan.nTokens, chatTokens);
    const times = { shared: measured(), own: measured() };
    for (let round = 0; round < plan.rounds; round++)
      for (const context of ['shared', 'own'] as const)
        await measureRound(worker, context, times[context], round > 0);
    return {
      ...{ kvType, nTokens: plan.nTokens, chatTokens },
      sharedTokenMs: median(times.shared.token),
      ownTokenMs: median(times.own.token),
      sharedBatchMs: median(times.shared.batch),
      ownBatchMs: median(times.own.batch),
    };
  }
}

interface Measured {
  readonly token: number[];
  readonly batch: number[];
}

function measured(): Measured {
  return { token: [], batch: [] };
}

/** The chat's cells come out of a longer base: evaluating them would take minutes and change nothing. */
async function graftChat(
  worker: Worker,
  longer: Base,
  from: number,
  nTokens: number,
): Promise<void> {
  const source = 'source';
  await worker.ask({ kind: 'open', base: longer, way: 'place', context: source });
  const to = { context: 'shared', sequence: chat } as const;
  await worker.ask({ kind: 'graft', source, from, nTokens, ...to });
  await worker.ask({ kind: 'close', context: source });
}

/** A completion of 64 tokens of prompt and 16 generated ones, on a new fork; both contexts take turns. */
async function measureRound(
  worker: Worker,
  context: string,
  into: Measured,
  counts: boolean,
): Promise<void> {
  await worker.ask({ kind: 'fork', context, sequence: completion });
  const job = { kind: 'decode', context, sequence: completion } as const;
  const batch = await worker.ask({ ...job, nTokens: 64, batch: 64 });
  const token = await worker.ask({ ...job, nTokens: 16, batch: 1 });
  await worker.ask({ kind: 'remove', context, sequence: completion });
  if (!counts) return;
  into.batch.push(...batch.cpuMs);
  into.token.push(...token.cpuMs);
}

export async function measureSecondContext(
  bases: Bases,
  kvType: KvType,
  plan: RolesPlan,
): Promise<SecondContext> {
  const base = await bases.make(kvType, plan.nCtx, plan.nTokens);
  return withWorker(async (worker) => {
    const memory = async () => {
      const { memory } = await worker.ask({ kind: 'memory', base });
      if (memory === undefined) throw new Error('no memory was measured');
      return memory;
    };
    await worker.ask({ kind: 'open', base, way: 'place', context: 'first' });
    await measureRound(worker, 'first', measured(), false);
    const before = await memory();
    const openMs = await worker.time({ kind: 'open', base, way: 'place', context: 'second' });
    const opened = await memory();
    await measureRound(worker, 'second', measured(), false);
    const used = await memory();
    const result = {
      kvType,
      openMs,
      openedKib: opened.process.privateDirty - before.process.privateDirty,
      usedKib: used.process.privateDirty - before.process.privateDirty,
      usedCellsKib: used.image.privateDirty - before.image.privateDirty,
    };
    console.error(result);
    return result;
  });
}

export function rolesTable(results: readonly RolesResult[]): string {
  const head = [
    ...['K/V', 'chat cells'],
    ...['one token, one context, ms', 'one token, own context, ms'],
    ...['64 tokens, one context, ms', '64 tokens, own context, ms'],
  ];
  const rows = results.map((one) => {
    const tokens = [one.sharedTokenMs, one.ownTokenMs];
    return [
      one.kvType,
      String(one.chatTokens),
      ...[...tokens, one.sharedBatchMs, one.ownBatchMs].map(shown),
    ];
  });
  return markdownTable(head, rows);
}

export function secondContextTable(results: readonly SecondContext[]): string {
  const head = [
    'K/V',
    'opening a second context, ms',
    'private after opening, KiB',
    'private after use, KiB',
    'of which cells, KiB',
  ];
  const rows = results.map((one) => [
    one.kvType,
    ...[one.openMs, one.openedKib, one.usedKib, one.usedCellsKib].map(shown),
  ]);
  return markdownTable(head, rows);
}
