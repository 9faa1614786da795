// Random work in real windows, one after the other, beside plain maps of what must come of it: the same text for the same
// request whatever happened before, nothing evaluated again that was saved, nothing on disk that was not saved, the disk
// budget held, and a cache in order. The seed is printed; WARMFORK_TEST_SEED repeats a run.
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { recentUseMs } from '../../src/cache/eviction.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { CompletionParams } from '../../src/protocol/requests.ts';
import type { EngineSettings } from '../../src/protocol/settings.ts';
import { Prng } from '../../scripts/model/prng.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

const paths = ['src/a.ts', 'src/b.ts', 'src/c.ts'] as const;
/** Typed within one line: then the prompt depends on the text alone, not on how it came about. */
const typed = 'const total = items.map((item) => item.price * rate);';

interface Document {
  readonly path: string;
  version: number;
  typedChars: number;
}

class Windows {
  readonly #random: Prng;
  readonly #settings: Partial<EngineSettings>;
  readonly #documents: readonly Document[] = paths.map((path) => ({
    path,
    version: 0,
    typedChars: 0,
  }));
  /** What each request was answered with the first time. */
  readonly #answers = new Map<string, string>();
  /** The last request of each document in this window that is not in its file, and the one that is. */
  readonly #unsaved = new Map<string, string>();
  readonly #saved = new Map<string, string>();
  #engine: Engine;
  /** Documents whose session must come from its file when it is used next. */
  readonly #detached = new Set<string>();
  readonly done = { restored: 0, repeated: 0, evicted: 0, crashed: 0, closed: 0 };

  constructor(random: Prng, settings: Partial<EngineSettings>) {
    this.#random = random;
    this.#settings = settings;
    this.#engine = fixture.start(settings);
  }

  async step(): Promise<void> {
    const choice = this.#below(100);
    const document = this.#documents[this.#below(paths.length)]!;
    if (choice < 45) await this.#type(document);
    else if (choice < 55) await this.#edit(document);
    else if (choice < 65) await this.#repeatSaved(document);
    else if (choice < 75) await this.#save(document);
    else if (choice < 82) await this.#close(document);
    else if (choice < 88) await this.#saveAll();
    else if (choice < 94) await this.#crash();
    else await this.#reopen();
  }

  async finish(): Promise<void> {
    await this.#reopen();
    for (const document of this.#documents) await this.#repeatSaved(document);
  }

  async #type(document: Document): Promise<void> {
    document.typedChars = Math.min(typed.length, document.typedChars + this.#below(6));
    await this.#complete(document);
  }

  async #edit(document: Document): Promise<void> {
    document.version++;
    document.typedChars = this.#below(20);
    await this.#complete(document);
  }

  /** Asks again for what is in the file: whatever was evaluated since, the file's tokens are not evaluated again. */
  async #repeatSaved(document: Document): Promise<void> {
    const saved = this.#saved.get(document.path);
    if (saved === undefined) return;
    const [version, typedChars] = saved.split(' ').map(Number);
    Object.assign(document, { version, typedChars });
    await this.#complete(document);
  }

  async #complete(document: Document): Promise<void> {
    const state = `${document.version} ${document.typedChars}`;
    const key = `${document.path} ${state}`;
    const isDetached = this.#detached.delete(document.path);
    const { text, stats } = await this.#engine.complete(requestFor(document), never);
    if (this.#answers.has(key)) this.done.repeated++;
    else this.#answers.set(key, text);
    expect(text, key).toBe(this.#answers.get(key));
    expect(stats.sessionRestored, key).toBe(isDetached);
    if (isDetached) this.done.restored++;
    if (isDetached && this.#saved.get(document.path) === state)
      expect(stats.evaluated, key).toBe(1);
    this.#unsaved.set(document.path, state);
  }

  async #save({ path }: Document): Promise<void> {
    await this.#engine.saveFile(requestFor({ path, version: 0, typedChars: 0 }).uri);
    this.#isSaved(path);
    await this.#compareDisk();
  }

  async #close({ path }: Document): Promise<void> {
    await this.#engine.closeFile(requestFor({ path, version: 0, typedChars: 0 }).uri);
    this.#isSaved(path);
    await this.#compareDisk();
    if (this.#saved.has(path)) this.#detached.add(path);
  }

  async #saveAll(): Promise<void> {
    await this.#engine.saveAll();
    for (const path of paths) this.#isSaved(path);
    await this.#compareDisk();
  }

  #isSaved(path: string): void {
    const state = this.#unsaved.get(path);
    if (state !== undefined) this.#saved.set(path, state);
    this.#unsaved.delete(path);
  }

  /** The window goes without a word: what it had not saved is gone. */
  async #crash(): Promise<void> {
    this.done.crashed++;
    await this.#open();
  }

  async #reopen(): Promise<void> {
    this.done.closed++;
    await this.#engine.close();
    for (const path of paths) this.#isSaved(path);
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#unsaved.clear();
    await letTimePass();
    this.#engine = fixture.start(this.#settings);
    expect((await this.#engine.whenWarm()).base?.source).toBe('restored');
    await this.#compareDisk();
    this.#detached.clear();
    for (const path of this.#saved.keys()) this.#detached.add(path);
  }

  #below(n: number): number {
    return Math.floor(this.#random.uniform() * n);
  }

  /** On disk is what was saved, less what the budget had no room for; every byte of it as it was written. */
  async #compareDisk(): Promise<void> {
    const { sessions, problems, bytes, budgetBytes } = await this.#engine.verify();
    expect(problems).toEqual([]);
    expect(sessions.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(bytes).toBeLessThanOrEqual(budgetBytes);
    expect(sessions.filter(({ kind }) => kind === 'base')).toHaveLength(1);
    const files = sessions.filter(({ kind }) => kind === 'file').map(({ id }) => id);
    const present = paths.filter((path) => files.some((uri) => uri.endsWith(path)));
    expect(present).toHaveLength(files.length);
    for (const path of present) expect(this.#saved.has(path), path).toBe(true);
    for (const path of [...this.#saved.keys()]) {
      if (present.some((one) => one === path)) continue;
      this.#saved.delete(path);
      this.#detached.delete(path);
      this.done.evicted++;
    }
  }
}

function requestFor({ path, version, typedChars }: Document): CompletionParams {
  const body = `// ${path}, version ${version}\nexport function price(rate: number): number {\n`;
  const text = `${body}  ${typed.slice(0, typedChars)}║\n}\n`;
  return fixture.at(path, text, { maxTokens: 6 });
}

/** Long enough for the next window to take the sessions for unused. */
async function letTimePass(): Promise<void> {
  for (const name of await readdir(fixture.storage, { recursive: true })) {
    if (!name.endsWith('.session.json')) continue;
    const path = join(fixture.storage, name);
    const { mtimeMs } = await stat(path);
    const earlier = (mtimeMs - recentUseMs - 1000) / 1000;
    await utimes(path, earlier, earlier);
  }
}

/** Room for the base and one or two of the three documents. */
async function tightBudget(): Promise<number> {
  const engine = fixture.start();
  await engine.whenWarm();
  for (const path of paths)
    await engine.complete(requestFor({ path, version: 0, typedChars: typed.length }), never);
  await engine.saveAll();
  const { bytes, sessions } = await engine.verify();
  const smallest = Math.min(...sessions.map(({ sizeBytes }) => sizeBytes));
  for (const path of paths)
    await engine.discardFile(requestFor({ path, version: 0, typedChars: 0 }).uri);
  await engine.close();
  await letTimePass();
  return bytes - Math.round(1.5 * smallest);
}

test.each(['mapped', 'file'] as const)(
  'sessions do what maps do (%s)',
  async (sessionIo) => {
    const seed = Number(process.env['WARMFORK_TEST_SEED'] ?? Date.now() % 2 ** 31);
    console.log(`seed ${seed}`);
    fixture = await Fixture.create(undefined, { sessionIo, contextTokens: 4096 });
    const windows = new Windows(new Prng(seed), { cacheBudgetBytes: await tightBudget() });
    const steps = Number(process.env['WARMFORK_TEST_STEPS'] ?? 30);
    for (let step = 0; step < steps; step++) await windows.step();
    await windows.finish();
    console.log(JSON.stringify(windows.done));
  },
  600_000,
);
