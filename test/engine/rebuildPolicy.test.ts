/** When a base is built anew, how large it may be, and where its building can be taken up again. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Activity } from '../../src/engine/activity.ts';
import { mayMatter } from '../../src/engine/base/changeFilter.ts';
import { baseBudget } from '../../src/engine/base/baseBudget.ts';
import { buildSteps } from '../../src/engine/base/buildSteps.ts';
import { IdleTime } from '../../src/engine/base/idleTime.ts';
import { decide, LostTime, type Staleness } from '../../src/engine/base/rebuildPolicy.ts';
import { RulesRecord } from '../../src/engine/base/rulesRecord.ts';

const fresh: Staleness = {
  isSame: false,
  hasBase: true,
  otherRules: false,
  isUnfinished: false,
  missing: 0.1,
  isKept: false,
  costMs: 10_000,
  lostMs: 0,
};

describe('a stale base', () => {
  it('is rebuilt when staleness has cost as much as the rebuild will', () => {
    expect(decide(fresh)).toEqual({ kind: 'later', inMs: 100_000 });
    expect(decide({ ...fresh, lostMs: 9_000 })).toEqual({ kind: 'later', inMs: 10_000 });
    expect(decide({ ...fresh, lostMs: 10_000 })).toMatchObject({ kind: 'rebuild' });
  });

  it('loses in proportion to what it lacks and for how long', () => {
    const lost = new LostTime();
    lost.note(0.1, 1_000);
    expect(lost.at(11_000)).toBeCloseTo(1_000);
    lost.note(0.3, 11_000);
    expect(lost.at(21_000)).toBeCloseTo(4_000);
    lost.note(0, 21_000);
    expect(lost.at(99_000)).toBeCloseTo(4_000);
    lost.reset();
    expect(lost.at(99_000)).toBe(0);
  });

  it.each<[string, Partial<Staleness>]>([
    ['there is none', { hasBase: false }],
    ['it is on disk', { isKept: true, missing: 0.01 }],
    ['it may hold what is excluded now', { otherRules: true, missing: 0 }],
    ['it is unfinished', { isUnfinished: true, missing: 0.01 }],
    ['most of it is missing', { missing: 0.5 }],
  ])('is rebuilt at once when %s', (_why, change) => {
    expect(decide({ ...fresh, ...change })).toMatchObject({ kind: 'rebuild' });
  });

  it('stays when it is the very one, or has everything in another order', () => {
    expect(decide({ ...fresh, isSame: true, otherRules: true })).toEqual({ kind: 'keep' });
    expect(decide({ ...fresh, missing: 0, lostMs: 1e9 })).toEqual({ kind: 'keep' });
  });

  it('never costs more than twice what the best choice in hindsight would have', () => {
    // However long it serves after all: serve on, or rebuild when the policy says.
    for (const missing of [0.01, 0.1, 0.4]) {
      const waited = decide({ ...fresh, missing });
      const inMs = waited.kind === 'later' ? waited.inMs : 0;
      for (const servesMs of [1_000, 20_000, 100_000, 10_000_000]) {
        const best = Math.min(servesMs * missing, fresh.costMs);
        const ours = servesMs <= inMs ? servesMs * missing : inMs * missing + fresh.costMs;
        expect(ours).toBeLessThanOrEqual(2 * best + 1e-6);
      }
    }
  });
});

describe('the budget', () => {
  const facts = { setting: null, contextTokens: 16_384, tokensPerSecond: 130 };

  it('is about what the machine evaluates in a minute, at most half of the context', () => {
    expect(baseBudget(facts).tokens).toBe(8192);
    expect(baseBudget({ ...facts, tokensPerSecond: 70 }).tokens).toBe(4096);
    expect(baseBudget({ ...facts, tokensPerSecond: 5000 }).tokens).toBe(8192);
    expect(baseBudget({ ...facts, tokensPerSecond: 1 }).tokens).toBe(1024);
  });

  it('does not follow small differences of speed', () => {
    const budgets = [60, 65, 70, 75, 80, 85].map(
      (tokensPerSecond) => baseBudget({ ...facts, tokensPerSecond }).tokens,
    );
    expect(new Set(budgets)).toEqual(new Set([4096]));
  });

  it('is what was set, within half of the context', () => {
    expect(baseBudget({ ...facts, setting: 5000 }).tokens).toBe(5000);
    expect(baseBudget({ ...facts, setting: 0 }).tokens).toBe(0);
    expect(baseBudget({ ...facts, setting: 50_000 }).tokens).toBe(8192);
  });
});

describe('changes on disk', () => {
  const one = [{ name: 'w', path: '/w', uri: 'file:///w' }];
  const two = [...one, { name: 'lib', path: '/l', uri: 'file:///l' }];
  const leftOut = [
    { path: '.git/', reason: 'vendored' },
    { path: 'dist/', reason: 'ignored' },
    { path: 'a b/.env', reason: 'secret' },
    { path: 'big.ts', reason: 'too large' },
    { path: 'lib/out/', reason: 'ignored' },
  ] as const;
  const matters = (folders: typeof one, ...uris: string[]): boolean =>
    mayMatter({ uris, incomplete: false }, folders, leftOut);

  it('matter unless all of them are in what is out whatever it holds', () => {
    expect(matters(one, 'file:///w/dist/a/b.js', 'file:///w/a%20b/.env')).toBe(false);
    expect(matters(one, 'file:///w/dist/a.js', 'file:///w/src/a.ts')).toBe(true);
    expect(matters(one, 'file:///w/big.ts')).toBe(true);
    expect(matters(one, 'file:///w/distant/a.js')).toBe(true);
    expect(matters(one)).toBe(false);
    expect(matters(one, 'file:///w/.git/HEAD')).toBe(true);
    expect(matters(one, 'file:///w/.git/index')).toBe(false);
    expect(mayMatter({ uris: [], incomplete: true }, one, leftOut)).toBe(true);
  });

  it('are told apart by folder in a workspace with several', () => {
    expect(matters(two, 'file:///l/out/x.js')).toBe(false);
    expect(matters(two, 'file:///w/out/x.js')).toBe(true);
    expect(matters(two, 'file:///elsewhere/x.js')).toBe(true);
  });
});

describe('the steps of a build', () => {
  const tokens = Array.from({ length: 8000 }, (_, at) => at);
  const wanted = { tokens, layerEnds: [300, 1500, 2000, 5000, 7900, 8000] };
  const ends = (present: readonly number[]): readonly number[] =>
    buildSteps(wanted, present).map(({ end }) => end);

  it('put layers in place that are far enough apart, and the whole', () => {
    expect(ends([])).toEqual([1500, 5000, 8000]);
  });

  it('go on from where the building was ended', () => {
    expect(ends(tokens.slice(0, 1500))).toEqual([5000, 8000]);
    expect(ends(tokens.slice(0, 5000))).toEqual([8000]);
  });

  it('are one while another base serves, which is better than half a new one; layers are only kept', () => {
    const present = [...tokens.slice(0, 900), 7, 7, 7];
    expect(buildSteps(wanted, present)).toEqual([{ end: 8000, keepAt: [2000, 5000] }]);
  });
});

describe('idle time', () => {
  it('comes when nobody waits and nobody has asked for a while', async () => {
    const done: string[] = [];
    const activity = new Activity();
    const looks = vi.spyOn(activity, 'idleMs', 'get');
    const idle = new IdleTime(activity, 20);
    onTestFinished(() => idle.close());
    let finish: () => void = () => undefined;
    const waiting = activity.during(() => new Promise<void>((resolve) => (finish = resolve)));
    const ran = new Promise<void>((resolve) => {
      idle.plan(async () => void done.push('replaced'));
      idle.plan(async () => {
        done.push(`idle for ${activity.idleMs >= 20}`);
        resolve();
      });
    });
    // Somebody waits: it has looked more than once, and nothing was done.
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(2), { interval: 1 });
    expect(done).toEqual([]);
    finish();
    await waiting;
    await ran;
    expect(done).toEqual(['idle for true']);
  });
});

describe('the record of rules', () => {
  it('knows by which rules a base was made, also after a restart, and takes damage for a miss', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'warmfork-rules-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'deep', 'rules.json');
    const record = new RulesRecord(file);
    expect(await record.rulesOf('a')).toBeUndefined();
    await record.set('a', 'one');
    for (let at = 0; at < 70; at++) await record.set(`b${at}`, 'two');
    expect(await new RulesRecord(file).rulesOf('b69')).toBe('two');
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')) as object)).toHaveLength(64);
    await writeFile(file, '{"b69": 5');
    expect(await new RulesRecord(file).rulesOf('b69')).toBeUndefined();
  });
});
