/** Fits the catalogue to a machine. Pure arithmetic: no header is at hand before a download. */
import type { MachineMemory, MemoryNeed, RecommendedModel } from '../../protocol/models.ts';
import type { KvType } from '../../protocol/settings.ts';
import { catalogue, type CatalogueModel } from './catalogue.ts';

export interface ContextWish {
  readonly contextTokens: number;
  readonly kvType: KvType;
}

/** The rest of the machine needs memory, too. */
const share = { ram: 0.6, vram: 0.9 };
/** What llama.cpp needs to compute, besides weights and cells. */
const computeBytes = 300 * 1024 ** 2;
const bytesPerValue: Readonly<Record<KvType, number>> = { f16: 2, q8_0: 34 / 32 };
/** Above this many parameters a processor without graphics evaluates a prompt too slowly for completions. */
const bestOnProcessor = 1.6;
const bestOnGraphics = 8;

export function recommend(machine: MachineMemory, wish: ContextWish): RecommendedModel[] {
  const models = catalogue.map((model) => fitted(model, machine, wish));
  const limit = machine.vramBytes > 0 ? bestOnGraphics : bestOnProcessor;
  const best = catalogue.findLastIndex(
    ({ activeParameters, license }, index) =>
      activeParameters <= limit && models[index]!.fits && !license.includes('not for commercial'),
  );
  return models.map((model, index) => ({ ...model, best: index === best }));
}

/** Weights and cells in the memory they are computed in. */
export function needOf(
  sizeBytes: number,
  { layers, kvHeads, headSize }: CatalogueModel['shape'],
  machine: MachineMemory,
  { contextTokens, kvType }: ContextWish,
): MemoryNeed {
  const cellBytes = 2 * layers * kvHeads * headSize * bytesPerValue[kvType];
  const bytes = Math.ceil(sizeBytes + cellBytes * contextTokens + computeBytes);
  return machine.vramBytes > 0
    ? { ramBytes: computeBytes, vramBytes: bytes }
    : { ramBytes: bytes, vramBytes: 0 };
}

export function fits({ ramBytes, vramBytes }: MemoryNeed, machine: MachineMemory): boolean {
  return ramBytes <= machine.ramBytes * share.ram && vramBytes <= machine.vramBytes * share.vram;
}

/** Graphics memory first; what does not fit there is tried in the memory of the processor. */
function fitted(
  model: CatalogueModel,
  machine: MachineMemory,
  wish: ContextWish,
): RecommendedModel {
  const plain: MachineMemory = { ...machine, vramBytes: 0 };
  const options = [machine, plain].flatMap((where) =>
    wanted(model, where).map((quantisation) => {
      const sizeBytes = model.quantisations[quantisation]! * 1e9;
      const need = needOf(sizeBytes, model.shape, where, wish);
      return { quantisation, sizeBytes, need, fits: fits(need, where) };
    }),
  );
  const {
    quantisation,
    sizeBytes,
    need,
    fits: doesFit,
  } = options.find((option) => option.fits) ?? options.at(-1)!;
  const fileName = model.file.replace('{}', quantisation);
  return {
    name: model.name,
    reference: `hf:${model.repository}/${fileName}`,
    fileName,
    quantisation,
    sizeBytes,
    license: model.license,
    need,
    fits: doesFit,
    best: false,
  };
}

/** Best first. A processor reads all weights for every token: from 3B on, four bits are worth more than the last bit of quality. */
function wanted(
  { quantisations, activeParameters }: CatalogueModel,
  machine: MachineMemory,
): string[] {
  const all = Object.keys(quantisations);
  const isSlow = machine.vramBytes === 0 && activeParameters > 2;
  return isSlow ? all.filter((quantisation) => /^Q[34]/.test(quantisation)) : all;
}
