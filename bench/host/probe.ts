/**
 * Loaded into every Node process of a code-server before anything else (`node --require`); in the extension host it watches how
 * Warmfork is loaded and activated, and records CPU profiles. What it sees is on `globalThis`, for what runs in that process.
 */
import fs from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import Module from 'node:module';
import process from 'node:process';
import { probeKey, profileVariable, type HostProbe, type Startup } from './startup.ts';

/** Between two samples, in microseconds: fine enough for stretches of a millisecond. */
const sampleMicroseconds = 200;

interface LoadedModule {
  exports: { activate?: (...args: unknown[]) => unknown };
}
interface ModuleInternals {
  _load: (request: string, ...rest: unknown[]) => unknown;
  prototype: { load: (this: LoadedModule, path: string) => void };
}

class Probe implements HostProbe {
  startup: Startup | undefined;
  readonly #session = new Session();
  #isWatching = false;
  #modules = new Set<string>();
  #syncCalls: string[] = [];

  constructor() {
    this.#session.connect();
    this.#watchModules();
    this.#watchFiles();
  }

  startProfile(): void {
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.setSamplingInterval', { interval: sampleMicroseconds });
    this.#session.post('Profiler.start');
  }

  stopProfile(): Promise<Profiler.Profile> {
    return new Promise((resolve, reject) =>
      this.#session.post('Profiler.stop', (error, { profile }) =>
        error === null ? resolve(profile) : reject(error),
      ),
    );
  }

  /** The time of `require`, and of `activate`, which is called later. */
  #watchModules(): void {
    const internals = Module as unknown as ModuleInternals;
    const { load } = internals.prototype;
    const loadExtension = (module: LoadedModule, path: string): void => {
      const [, loadMs] = this.#timed(() => load.call(module, path));
      const activate = this.#timedActivate(module.exports, loadMs);
      module.exports = { ...module.exports, activate };
    };
    internals.prototype.load = function (path) {
      if (path.endsWith('extension.cjs')) loadExtension(this, path);
      else load.call(this, path);
    };
    const required = internals._load;
    const note = (request: string): void => {
      if (this.#isWatching) this.#modules.add(request);
    };
    internals._load = function (request, ...rest) {
      note(request);
      return required.call(this, request, ...rest);
    };
  }

  #timedActivate({ activate }: LoadedModule['exports'], loadMs: number) {
    return (...args: unknown[]): unknown => {
      const [api, activateMs] = this.#timed(() => activate?.(...args));
      const modules = [...this.#modules];
      this.startup = { loadMs, activateMs, modules, syncCalls: [...this.#syncCalls] };
      if (process.env[profileVariable] !== undefined) this.startProfile();
      return api;
    };
  }

  #timed<T>(work: () => T): [T, number] {
    this.#isWatching = true;
    const began = performance.now();
    try {
      return [work(), performance.now() - began];
    } finally {
      this.#isWatching = false;
    }
  }

  /** Node's own loader reads modules synchronously; those are not counted. */
  #watchFiles(): void {
    const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, call] of Object.entries(functions)) {
      if (!name.endsWith('Sync') || typeof call !== 'function') continue;
      functions[name] = (...args) => {
        const path = String(args[0]);
        if (this.#isWatching && !/\.cjs$|package\.json$/.test(path))
          this.#syncCalls.push(`${name} ${path}`);
        return call.apply(fs, args);
      };
    }
  }
}

if (process.argv.includes('--type=extensionHost')) {
  const probe = new Probe();
  Object.defineProperty(globalThis, probeKey, { value: probe });
}
