/** How fast this machine evaluates prompts with this model: measured once, then kept. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { Runtime } from '../runtime.ts';

/** Enough for several batches; about a second of a slow machine. */
const probeTokens = 192;

const Kept = v.record(v.string(), v.pipe(v.number(), v.minValue(0)));

/**
 * Tokens per second. Measured by evaluating a short text beside everything else when `file` has no number for this
 * model and processor; undefined when even that fails. A file that cannot be read or written only costs a measurement.
 */
export async function evaluationSpeed(
  runtime: Runtime,
  file: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const key = keyOf(runtime);
  const kept = await readKept(file);
  if (kept[key] !== undefined) return kept[key];
  const measured = await measure(runtime, signal);
  if (measured === undefined) return undefined;
  await keep(file, { ...kept, [key]: Math.round(measured * 10) / 10 }).catch((error: unknown) =>
    runtime.log('debug', `the speed could not be kept: ${(error as Error).message}`),
  );
  return measured;
}

function keyOf({ persistence, model }: Runtime): string {
  const processor = cpus()[0]?.model ?? 'unknown';
  const identity = persistence?.fingerprint ?? `${model.info.description} ${model.info.sizeBytes}`;
  return `${identity} ${processor} ${availableParallelism()}`;
}

/** The best of the batches: what else the machine does only makes some of them slower. */
async function measure(runtime: Runtime, signal: AbortSignal): Promise<number | undefined> {
  const { scheduler, pool, decoder, tokenizer, counters } = runtime;
  const before = counters.tokensEvaluated;
  const text = tokenizer.text('const value = compute(first, second);\n'.repeat(32));
  const tokens = text.slice(0, probeTokens);
  const sequence = await scheduler.turn({ priority: 'base', signal }, async () => pool.acquire());
  try {
    let fastest = 0;
    const half = Math.floor(tokens.length / 2);
    for (const part of [tokens.slice(0, half), tokens.slice(half)]) {
      const started = performance.now();
      await decoder.prefill(sequence, part, { priority: 'base', signal });
      fastest = Math.max(fastest, (part.length * 1000) / (performance.now() - started));
    }
    return fastest > 0 && Number.isFinite(fastest) ? fastest : undefined;
  } catch (error) {
    signal.throwIfAborted();
    runtime.log('warn', `the speed could not be measured: ${(error as Error).message}`);
    return undefined;
  } finally {
    // What was measured with is no work on anybody's behalf.
    counters.tokensEvaluated = before;
    await scheduler.turn({ priority: 'base' }, () => pool.release(sequence));
  }
}

async function readKept(file: string): Promise<Readonly<Record<string, number>>> {
  try {
    return v.parse(Kept, JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {}; // a miss
  }
}

async function keep(file: string, speeds: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(speeds, undefined, 2)}\n`, { mode: 0o600 });
}
