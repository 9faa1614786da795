/** Models that complete code in the middle of a file and chat as well, smallest first. */

export interface CatalogueModel {
  readonly name: string;
  /** On Hugging Face. */
  readonly repository: string;
  /** `{}` stands for the quantisation. */
  readonly file: string;
  /** Quantisation → size of its file in 10⁹ bytes, best quality first. */
  readonly quantisations: Readonly<Record<string, number>>;
  readonly license: string;
  /** What decides the size of the K/V cells. */
  readonly shape: { readonly layers: number; readonly kvHeads: number; readonly headSize: number };
  /** Parameters that a token goes through, in 10⁹: what decides the speed. */
  readonly activeParameters: number;
}

const qwenFile = (size: string): Pick<CatalogueModel, 'name' | 'repository' | 'file'> => ({
  name: `Qwen2.5-Coder ${size}`,
  repository: `bartowski/Qwen2.5-Coder-${size}-Instruct-GGUF`,
  file: `Qwen2.5-Coder-${size}-Instruct-{}.gguf`,
});

export const catalogue: readonly CatalogueModel[] = [
  {
    ...qwenFile('0.5B'),
    quantisations: { Q8_0: 0.53, Q4_K_M: 0.4 },
    license: 'Apache 2.0',
    shape: { layers: 24, kvHeads: 2, headSize: 64 },
    activeParameters: 0.5,
  },
  {
    ...qwenFile('1.5B'),
    quantisations: { Q8_0: 1.65, Q6_K: 1.27, Q4_K_M: 0.99 },
    license: 'Apache 2.0',
    shape: { layers: 28, kvHeads: 2, headSize: 128 },
    activeParameters: 1.5,
  },
  {
    ...qwenFile('3B'),
    quantisations: { Q8_0: 3.29, Q6_K: 2.54, Q4_K_M: 1.93 },
    license: 'Qwen Research: not for commercial use',
    shape: { layers: 36, kvHeads: 2, headSize: 128 },
    activeParameters: 3.1,
  },
  {
    ...qwenFile('7B'),
    quantisations: { Q8_0: 8.1, Q6_K: 6.25, Q5_K_M: 5.44, Q4_K_M: 4.68 },
    license: 'Apache 2.0',
    shape: { layers: 28, kvHeads: 4, headSize: 128 },
    activeParameters: 7.6,
  },
  {
    ...qwenFile('14B'),
    quantisations: { Q8_0: 15.7, Q6_K: 12.12, Q5_K_M: 10.51, Q4_K_M: 8.99 },
    license: 'Apache 2.0',
    shape: { layers: 48, kvHeads: 8, headSize: 128 },
    activeParameters: 14.8,
  },
  {
    name: 'Qwen3-Coder 30B-A3B',
    repository: 'unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF',
    file: 'Qwen3-Coder-30B-A3B-Instruct-{}.gguf',
    quantisations: { Q8_0: 32.5, Q6_K: 25.1, Q5_K_M: 21.7, Q4_K_M: 18.6, Q3_K_M: 14.7 },
    license: 'Apache 2.0',
    shape: { layers: 48, kvHeads: 4, headSize: 128 },
    activeParameters: 3.3,
  },
];
