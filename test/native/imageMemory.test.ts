/** What a context on an image costs: the pages that are written, and no others. Linux tells exactly. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context, ImageFiles, Model } from '../../native/index.d.ts';
import {
  append,
  createContext,
  defaultContext,
  loadLibrary,
  loadStandIn,
  someTokens,
} from './fixture.ts';

/** The next row lies in a page that holds rows of the base, and is not in a hole, which is memory of its own. */
const nTokens = 500;
const pageBytes = 4096;
/** The stand-in model: layers, and bytes of one K or V row. */
const layers = 4;
const rowBytes = 384;

let model: Model;
let folder: string;
let files: ImageFiles;
let context: Context;

beforeAll(async () => {
  const { native } = await loadLibrary();
  model = await loadStandIn();
  folder = mkdtempSync(join(tmpdir(), 'warmfork-memory-'));
  files = {
    cellsPath: join(folder, 'base.cells'),
    metaPath: join(folder, 'base.meta'),
    identity: '',
  };
  const plain = await createContext(model);
  await append(plain, 0, someTokens(model, nTokens));
  const building = await native.Context.createForImage(plain);
  await building.importSequence(await plain.exportSequence(0), 0);
  await building.writeImage(files, someTokens(model, nTokens));
  await building.close();
  await plain.close();
  ({ context } = await native.Context.openImage(model, defaultContext, files));
});

afterAll(async () => {
  await context.close();
  await model.close();
  rmSync(folder, { recursive: true });
});

/** Pages of the cells' mapping that this process has written. */
function dirtyPages(): number {
  let pages = 0;
  let isCells = false;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isCells = line.endsWith(files.cellsPath);
    const dirty = /^Private_Dirty: +(\d+) kB/.exec(line)?.[1];
    if (isCells && dirty !== undefined) pages += (Number(dirty) * 1024) / pageBytes;
  }
  return pages;
}

const perTensor = (rows: number): number => Math.ceil((rows * rowBytes) / pageBytes) + 1;

it.skipIf(process.platform !== 'linux')(
  'is no page when it is opened, and then those of the rows that are written',
  async () => {
    expect(readFileSync('/proc/self/smaps', 'utf8')).toContain(files.cellsPath);
    expect(dirtyPages()).toBe(0);

    await context.copySequence(0, 1, -1, -1);
    await append(context, 1, someTokens(model, 1));
    expect(dirtyPages()).toBe(2 * layers);

    await append(context, 1, someTokens(model, 63));
    expect(dirtyPages()).toBeLessThanOrEqual(2 * layers * perTensor(64));
  },
);
