/** The engine, with the time of every decode written to a file: what a request takes above them is overhead. */
import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { Context } from '../../native/index.d.ts';
import { loadNative } from '../../src/engine/native/loadNative.ts';
import { decodesVariable } from './decodes.ts';

const path = process.env[decodesVariable];
if (path === undefined) throw new Error(`${decodesVariable} names no file`);
const file = openSync(path, 'a');

/** Methods of the addon cannot be replaced, those of one object can be hidden. */
function withTimes(context: Context): Context {
  const decode = context.decode.bind(context);
  const timed: Context['decode'] = async (items, options) => {
    const result = await decode(items, options);
    writeSync(file, `${result.ms} ${Number(result.ahead)}\n`);
    return result;
  };
  return Object.defineProperty(context, 'decode', { value: timed });
}

const native = loadNative(); // the bundle gets the same object
const { Context: Original } = native;
const create: typeof Original.create = async (...args) => withTimes(await Original.create(...args));
const openImage: typeof Original.openImage = async (...args) => {
  const opened = await Original.openImage(...args);
  return { ...opened, context: withTimes(opened.context) };
};
const methods = { create: { value: create }, openImage: { value: openImage } };
const Timed = Object.create(Original, methods) as typeof Original;
Object.defineProperty(native, 'Context', { value: Timed });

await import(pathToFileURL(inRoot('dist', 'engine.mjs')).href);
