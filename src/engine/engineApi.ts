import type { Engine } from './engine.ts';

/** What can be asked of an engine, whatever answers: the local model, or servers. */
export type EngineApi = Pick<Engine, keyof Engine>;
