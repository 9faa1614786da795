/** What Linux says of the memory of this process. */
import { readFileSync, statSync } from 'node:fs';

export interface KvMemory {
  /** Of the images' maps together, their holes included, in KiB. */
  readonly image: MemoryKib;
  /** Of the whole process. */
  readonly process: MemoryKib;
}

export interface MemoryKib {
  readonly rss: number;
  readonly pss: number;
  readonly privateDirty: number;
  readonly anonymous: number;
}

interface Range extends MemoryKib {
  readonly from: number;
  readonly to: number;
  readonly file: string;
}

/** `cellsPath`: the image of which every map is counted. */
export function kvMemory(cellsPath: string): KvMemory {
  return {
    image: sumOf(imageRanges(cellsPath)),
    process: sumOf(rangesOf(readFileSync('/proc/self/smaps_rollup', 'utf8'))),
  };
}

/**
 * A map consists of parts that show the file, where it has data, and of memory between them and behind. Its first page
 * shows the file: the first cell is the base's.
 */
function imageRanges(cellsPath: string): Range[] {
  const size = statSync(cellsPath).size;
  const ranges = rangesOf(readFileSync('/proc/self/smaps', 'utf8'));
  let end = 0;
  return ranges.filter((range) => {
    if (range.from >= end && range.file === cellsPath) end = range.from + size;
    return range.from < end;
  });
}

function rangesOf(smaps: string): Range[] {
  return smaps
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((text) => text !== '')
    .map((text) => {
      const [, from = '', to = '', file = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)/.exec(text) ?? [];
      return {
        from: Number.parseInt(from, 16),
        to: Number.parseInt(to, 16),
        file,
        rss: valueOf(text, 'Rss'),
        pss: valueOf(text, 'Pss'),
        privateDirty: valueOf(text, 'Private_Dirty'),
        anonymous: valueOf(text, 'Anonymous'),
      };
    });
}

function valueOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

function sumOf(ranges: readonly MemoryKib[]): MemoryKib {
  const total = (key: keyof MemoryKib): number => ranges.reduce((n, range) => n + range[key], 0);
  return {
    rss: total('rss'),
    pss: total('pss'),
    privateDirty: total('privateDirty'),
    anonymous: total('anonymous'),
  };
}
