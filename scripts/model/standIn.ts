import type { GgufFile, GgufValue } from './gguf-writer.ts';
import { learnHabits } from './habits.ts';
import { checkShape, type ModelShape, NORM_EPSILON, ROPE_BASE } from './shape.ts';
import { makeVocabulary, vocabularyMetadata } from './vocabulary.ts';
import { makeTensors } from './weights.ts';

const Q8_0_FILE = 7;

/** The stand-in model: every real code path runs with it; its text has no meaning. */
export function makeStandIn(shape: ModelShape): GgufFile {
  checkShape(shape);
  const vocabulary = makeVocabulary();
  return {
    metadata: [
      ...generalMetadata(),
      ...shapeMetadata(shape, vocabulary.tokens.length),
      ...vocabularyMetadata(vocabulary),
    ],
    tensors: makeTensors(shape, vocabulary.tokens.length, learnHabits(vocabulary)),
  };
}

function generalMetadata(): [string, GgufValue][] {
  return [
    ['general.architecture', { kind: 'string', value: 'llama' }],
    ['general.name', { kind: 'string', value: 'Warmfork stand-in' }],
    [
      'general.description',
      {
        kind: 'string',
        value:
          'Stands in for a real model so that everything runs offline. Its text has no meaning.',
      },
    ],
    ['general.license', { kind: 'string', value: 'mit' }],
    ['general.file_type', { kind: 'u32', value: Q8_0_FILE }],
    ['general.quantization_version', { kind: 'u32', value: 2 }],
    ['warmfork.stand_in', { kind: 'bool', value: true }],
  ];
}

function shapeMetadata(shape: ModelShape, nVocab: number): [string, GgufValue][] {
  const sizes: [string, number][] = [
    ['block_count', shape.layers],
    ['context_length', shape.ctx],
    ['embedding_length', shape.embd],
    ['feed_forward_length', shape.ff],
    ['attention.head_count', shape.heads],
    ['attention.head_count_kv', shape.kvHeads],
    ['attention.key_length', shape.headDim],
    ['attention.value_length', shape.headDim],
    ['rope.dimension_count', shape.headDim],
    ['vocab_size', nVocab],
  ];
  return [
    ...sizes.map(([key, value]): [string, GgufValue] => [`llama.${key}`, { kind: 'u32', value }]),
    ['llama.attention.layer_norm_rms_epsilon', { kind: 'f32', value: NORM_EPSILON }],
    ['llama.rope.freq_base', { kind: 'f32', value: ROPE_BASE }],
  ];
}
