import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import process from 'node:process';
import type { MachineFacts } from '../../protocol/diagnostics.ts';

/** Instructions that llama.cpp has code of its own for. */
const telling =
  /^(sse3|ssse3|sse4_2|avx|avx2|avx_vnni|avx512\w*|amx_\w+|fma|f16c|bmi2|asimd|asimddp|asimdhp|i8mm|sve\w*|sme|neon|vfpv4)$/;

export async function machineFacts(): Promise<MachineFacts> {
  return {
    system: `${type()} ${release()}`,
    architecture: process.arch,
    nodeVersion: process.versions.node,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    processorFlags: processorFlags(await readFile('/proc/cpuinfo', 'utf8').catch(() => '')),
    memoryBytes: totalmem(),
    freeBytes: freemem(),
  };
}

/** Of the first processor in the text that Linux has for all of them. */
export function processorFlags(cpuinfo: string): readonly string[] {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/mu.exec(cpuinfo)?.[1] ?? '';
  return line.split(/\s+/u).filter((flag) => telling.test(flag));
}
