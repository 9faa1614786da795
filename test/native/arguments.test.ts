/** Nothing that JavaScript can pass may reach llama.cpp unchecked: method × {wrong type, out of bounds, closed}. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context, Model, Sampler, SessionFile } from '../../native/index.d.ts';
import type { NativeModule } from '../../src/engine/native/loadNative.ts';
import {
  append,
  createContext,
  defaultContext,
  failureOf,
  loadLibrary,
  loadStandIn,
  someTokens,
  standInPath,
} from './fixture.ts';

/** Methods as JavaScript sees them: anything may be passed. */
type Loose = Record<string, (...args: readonly unknown[]) => unknown>;

let native: NativeModule;
let model: Model;
let context: Context;
let sampler: Sampler;
let file: SessionFile;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warmfork-arguments-'));
  ({ native } = await loadLibrary());
  model = await loadStandIn();
  context = await createContext(model);
  sampler = new native.Sampler({ temperature: 1, topK: 0, topP: 1, seed: 1 });
  const options = { mode: 'readWrite', scope: 'sequence' } as const;
  file = await native.SessionFile.open(context, join(directory, 'a.session'), options);
});

afterAll(async () => {
  await file.close();
  await context.close();
  await model.close();
  rmSync(directory, { recursive: true });
});

const tokens = Int32Array.of(40, 41);
const item = { sequence: 0, position: 0, tokens };
const contextMembers = Object.keys(defaultContext) as (keyof typeof defaultContext)[];

interface Case {
  readonly name: string;
  readonly call: () => unknown;
  readonly error: 'TypeError' | 'RangeError';
}

function wrongType(name: string, call: () => unknown): Case {
  return { name, call, error: 'TypeError' };
}

function outOfRange(name: string, call: () => unknown): Case {
  return { name, call, error: 'RangeError' };
}

const loose = (object: unknown): Loose => object as Loose;
const decode = (value: unknown): unknown => loose(context)['decode']!([value]);
const sample = (value: unknown): unknown => decode({ ...item, sample: value });
const create = (change: object): unknown =>
  loose(native.Context)['create']!(model, { ...defaultContext, ...change });

const cases: readonly Case[] = [
  wrongType('initialize()', () => loose(native)['initialize']!()),
  wrongType('initialize without paths', () => loose(native)['initialize']!({})),
  wrongType('initialize onLog', () =>
    loose(native)['initialize']!({ llamaPath: 'a', ggmlPath: 'b', onLog: 1 }),
  ),

  wrongType('load()', () => loose(native.Model)['load']!()),
  wrongType('load path', () =>
    loose(native.Model)['load']!({ path: 1, gpuLayers: 0, useMmap: true }),
  ),
  outOfRange('load path with NUL', () =>
    native.Model.load({ path: `${standInPath}\0`, gpuLayers: 0, useMmap: true }),
  ),
  outOfRange('load empty path', () => native.Model.load({ path: '', gpuLayers: 0, useMmap: true })),
  outOfRange('load gpuLayers', () =>
    native.Model.load({ path: standInPath, gpuLayers: -1, useMmap: true }),
  ),
  wrongType('load useMmap', () =>
    loose(native.Model)['load']!({ path: standInPath, gpuLayers: 0, useMmap: 1 }),
  ),

  wrongType('tokenize()', () => loose(model)['tokenize']!()),
  wrongType('tokenize without options', () => loose(model)['tokenize']!('a')),
  wrongType('tokenize number', () => loose(model)['tokenize']!(1, { parseSpecial: false })),
  wrongType('tokenBytes string', () => loose(model)['tokenBytes']!('1', { special: false })),
  outOfRange('tokenBytes -1', () => model.tokenBytes(-1, { special: true })),
  outOfRange('tokenBytes nVocab', () => model.tokenBytes(model.info.nVocab, { special: true })),
  outOfRange('tokenBytes 1.5', () => model.tokenBytes(1.5, { special: true })),
  outOfRange('isControl NaN', () => model.isControl(NaN)),
  outOfRange('isControl 2^32', () => model.isControl(2 ** 32)),
  outOfRange('isEndOfGeneration Infinity', () => model.isEndOfGeneration(Infinity)),
  wrongType('tokensStartingWith string', () => loose(model)['tokensStartingWith']!('a')),
  wrongType('tokensStartingWith Int32Array', () => loose(model)['tokensStartingWith']!(tokens)),

  wrongType('create()', () => loose(native.Context)['create']!()),
  wrongType('create with a context', () =>
    loose(native.Context)['create']!(context, defaultContext),
  ),
  wrongType('create with a look-alike', () =>
    loose(native.Context)['create']!(Object.create(native.Model.prototype), defaultContext),
  ),
  wrongType('create without options', () => loose(native.Context)['create']!(model)),
  ...contextMembers.map((key) =>
    wrongType(`create without ${key}`, () => create({ [key]: undefined })),
  ),
  ...contextMembers
    .filter((key) => key.startsWith('n'))
    .flatMap((key) =>
      [0, -1, 2 ** 31, 1e300, NaN].map((value) =>
        outOfRange(`create ${key} ${value}`, () => create({ [key]: value })),
      ),
    ),
  outOfRange('create kvType', () => create({ kvType: 'q4_0' })),
  outOfRange('create nSeqMax', () => create({ nSeqMax: 257 })),

  wrongType('decode()', () => loose(context)['decode']!()),
  wrongType('decode object', () => loose(context)['decode']!({ length: 1 })),
  outOfRange('decode []', () => context.decode([])),
  wrongType('decode [undefined]', () => decode(undefined)),
  wrongType('decode without tokens', () => decode({ ...item, tokens: undefined })),
  wrongType('decode plain array', () => decode({ ...item, tokens: [40] })),
  wrongType('decode Uint32Array', () => decode({ ...item, tokens: Uint32Array.of(40) })),
  outOfRange('decode no token', () => decode({ ...item, tokens: new Int32Array(0) })),
  outOfRange('decode detached tokens', () => {
    const detached = Int32Array.of(40);
    structuredClone(detached, { transfer: [detached.buffer] });
    return decode({ ...item, tokens: detached });
  }),
  outOfRange('decode token -1', () => decode({ ...item, tokens: Int32Array.of(-1) })),
  outOfRange('decode token nVocab', () =>
    decode({ ...item, tokens: Int32Array.of(model.info.nVocab) }),
  ),
  outOfRange('decode too many tokens', () =>
    decode({ ...item, tokens: someTokens(model, context.nBatch + 1) }),
  ),
  outOfRange('decode too many tokens in all', () =>
    context.decode([
      { ...item, tokens: someTokens(model, context.nBatch) },
      { ...item, sequence: 1 },
    ]),
  ),
  outOfRange('decode sequence -1', () => decode({ ...item, sequence: -1 })),
  outOfRange('decode sequence nSeqMax', () => decode({ ...item, sequence: context.nSeqMax })),
  wrongType('decode sequence string', () => decode({ ...item, sequence: '0' })),
  outOfRange('decode position -1', () => decode({ ...item, position: -1 })),
  outOfRange('decode position 2^31', () => decode({ ...item, position: 2 ** 31 - 1 })),
  outOfRange('decode too many outputs', () =>
    context.decode(
      Array.from({ length: 65 }, (_, position) => ({
        ...{ sequence: 0, position, tokens: Int32Array.of(40), sample: {} },
      })),
    ),
  ),
  wrongType('sample 1', () => sample(1)),
  wrongType('sample null', () => sample(null)),
  wrongType('sample sampler {}', () => sample({ sampler: {} })),
  wrongType('sample sampler context', () => sample({ sampler: context })),
  wrongType('sample allowed array', () => sample({ allowed: [1] })),
  outOfRange('sample allowed []', () => sample({ allowed: new Int32Array(0) })),
  outOfRange('sample allowed nVocab', () => sample({ allowed: Int32Array.of(model.info.nVocab) })),
  outOfRange('sample nothing left', () => sample({ allowed: tokens, forbidden: tokens })),
  outOfRange('sample everything forbidden', () =>
    sample({ forbidden: Int32Array.from({ length: model.info.nVocab }, (_, token) => token) }),
  ),

  outOfRange('copySequence from -1', () => context.copySequence(-1, 0, 0, 1)),
  outOfRange('copySequence to nSeqMax', () => context.copySequence(0, context.nSeqMax, 0, 1)),
  outOfRange('copySequence reversed', () => context.copySequence(0, 1, 5, 2)),
  wrongType('copySequence()', () => loose(context)['copySequence']!(0, 1)),
  outOfRange('removeSequence -1', () => context.removeSequence(-1, -1, -1)),
  outOfRange('removeSequence reversed', () => context.removeSequence(0, 5, 2)),
  outOfRange('removeSequence 1.5', () => context.removeSequence(0, 1.5, 2)),
  outOfRange('maxPosition 99', () => context.maxPosition(99)),
  wrongType('minPosition()', () => loose(context)['minPosition']!()),
  wrongType('saveFile()', () => loose(context)['saveFile']!()),
  outOfRange('saveFile bad token', () => context.saveFile('/nowhere', Int32Array.of(-5))),
  outOfRange('prepareExport 0', () => context.prepareExport(0)),
  outOfRange('saveSequenceFile 99', () => context.saveSequenceFile('/nowhere', 99, tokens)),
  outOfRange('loadFile empty path', () => context.loadFile('')),
  outOfRange('loadSequenceFile -1', () => context.loadSequenceFile('/nowhere', -1)),

  wrongType('new Sampler()', () => Reflect.construct(native.Sampler, [])),
  ...[0, -1, Infinity, NaN].map((temperature) =>
    outOfRange(
      `Sampler temperature ${temperature}`,
      () => new native.Sampler({ temperature, topK: 0, topP: 1, seed: 1 }),
    ),
  ),
  ...[0, 1.1, NaN].map((topP) =>
    outOfRange(
      `Sampler topP ${topP}`,
      () => new native.Sampler({ temperature: 1, topK: 0, topP, seed: 1 }),
    ),
  ),
  outOfRange(
    'Sampler topK',
    () => new native.Sampler({ temperature: 1, topK: -1, topP: 1, seed: 1 }),
  ),
  outOfRange(
    'Sampler seed',
    () => new native.Sampler({ temperature: 1, topK: 0, topP: 1, seed: -1 }),
  ),

  wrongType('open()', () => loose(native.SessionFile)['open']!()),
  wrongType('open with a model', () =>
    loose(native.SessionFile)['open']!(model, 'a', { mode: 'readOnly', scope: 'context' }),
  ),
  outOfRange('open mode', () =>
    loose(native.SessionFile)['open']!(context, 'a', { mode: 'shared', scope: 'context' }),
  ),
  outOfRange('open scope', () =>
    loose(native.SessionFile)['open']!(context, 'a', { mode: 'readOnly', scope: 'all' }),
  ),
  outOfRange('open maxCells of a context', () =>
    native.SessionFile.open(context, 'a', { mode: 'readWrite', scope: 'context', maxCells: 1 }),
  ),
  outOfRange('open maxCells 0', () =>
    native.SessionFile.open(context, 'a', { mode: 'readWrite', scope: 'sequence', maxCells: 0 }),
  ),
  wrongType('file load without sequence', () => file.load()),
  outOfRange('file load 99', () => file.load(99)),
  wrongType('file save()', () => loose(file)['save']!()),
  outOfRange('file save bad token', () => file.save(Int32Array.of(model.info.nVocab), 0)),

  wrongType('new Model()', () => Reflect.construct(native.Model as never, [])),
  wrongType('new Context()', () => Reflect.construct(native.Context as never, [])),
  wrongType('new SessionFile()', () => Reflect.construct(native.SessionFile as never, [])),
];

describe('arguments', () => {
  it.each(cases)('refuses $name', async ({ call, error }) => {
    let threwAtOnce = false;
    const failure = await failureOf(() => {
      try {
        return call();
      } catch (thrown) {
        threwAtOnce = true;
        throw thrown;
      }
    });

    expect(failure.name).toBe(error);
    expect(threwAtOnce).toBe(true);
    if (!failure.message.startsWith('Illegal')) {
      expect(failure.code).toBe('ERR_WARMFORK_ARGUMENT');
    }
  });

  it('leave the context usable', async () => {
    expect(await context.maxPosition(0)).toBe(-1);
    expect((await append(context, 0, someTokens(model, 10))).status).toBe('done');
    await context.clear();
  });

  it('refuses methods on another class', () => {
    for (const stranger of [model, {}]) {
      const decode = native.Context.prototype.decode.bind(stranger);
      expect(() => decode([item])).toThrow(TypeError);
    }
  });

  it('survives a getter that closes the context while it is read', async () => {
    const closing = await createContext(model);
    const hostile = {
      ...item,
      get sample(): undefined {
        void closing.close();
        return undefined;
      },
    };

    expect(() => closing.decode([hostile])).toThrow(
      expect.objectContaining({ code: 'ERR_WARMFORK_CLOSED' }),
    );
  });
});

describe('closed', () => {
  const modelCalls: readonly ((closed: Model) => unknown)[] = [
    (closed) => closed.tokenize('a', { parseSpecial: false }),
    (closed) => closed.tokenBytes(1, { special: false }),
    (closed) => closed.isControl(1),
    (closed) => closed.isEndOfGeneration(1),
    (closed) => closed.tokensStartingWith(Uint8Array.of(65)),
    (closed) => native.Context.create(closed, defaultContext),
  ];
  const contextCalls: readonly ((closed: Context) => unknown)[] = [
    (closed) => closed.decode([item]),
    (closed) => closed.abort(),
    (closed) => closed.lastLogits(),
    (closed) => closed.copySequence(0, 1, -1, -1),
    (closed) => closed.removeSequence(0, -1, -1),
    (closed) => closed.clear(),
    (closed) => closed.maxPosition(0),
    (closed) => closed.minPosition(0),
    (closed) => closed.saveFile('a', tokens),
    (closed) => closed.loadFile('a'),
    (closed) => closed.saveSequenceFile('a', 0, tokens),
    (closed) => closed.loadSequenceFile('a', 0),
    (closed) => closed.prepareExport(1),
    (closed) => native.SessionFile.open(closed, 'a', { mode: 'readOnly', scope: 'context' }),
  ];
  const fileCalls: readonly ((closed: SessionFile) => unknown)[] = [
    (closed) => closed.load(0),
    (closed) => closed.save(tokens, 0),
    (closed) => closed.sync(),
    (closed) => closed.checksum(),
    (closed) => closed.contentSize(),
  ];

  function expectClosed(call: () => unknown): void {
    expect(call, String(call)).toThrow(expect.objectContaining({ code: 'ERR_WARMFORK_CLOSED' }));
  }

  it('models throw at once, while closing and after; their facts stay', async () => {
    const closed = await loadStandIn();
    const closing = closed.close();
    for (const call of modelCalls) expectClosed(() => call(closed));
    await closing;
    for (const call of modelCalls) expectClosed(() => call(closed));
    await closed.close();
    expect(closed.info.nVocab).toBe(model.info.nVocab);
  });

  it('contexts do too', async () => {
    const closed = await createContext(model);
    const closing = closed.close();
    for (const call of contextCalls) expectClosed(() => call(closed));
    await closing;
    for (const call of contextCalls) expectClosed(() => call(closed));
    await closed.close();
    expect(closed.nCtx).toBe(1024);
  });

  it('session files do too', async () => {
    const options = { mode: 'readWrite', scope: 'sequence' } as const;
    const closed = await native.SessionFile.open(context, join(directory, 'b.session'), options);
    const closing = closed.close();
    for (const call of fileCalls) expectClosed(() => call(closed));
    await closing;
    for (const call of fileCalls) expectClosed(() => call(closed));
    await closed.close();
    expect(closed.mode).toBe('readWrite');
  });

  it('the sampler of the fixture is still open', async () => {
    const result = await context.decode([{ ...item, sample: { sampler } }]);
    expect(result.sampled).toHaveLength(1);
    await context.clear();
  });
});
