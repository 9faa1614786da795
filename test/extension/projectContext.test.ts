import { describe, expect, it } from 'vitest';
import { ExcludeGlobs } from '../../src/project/excludeGlobs.ts';
import { ChangeBatch } from '../../src/extension/project/changeBatch.ts';
import { globOf, withChoice } from '../../src/extension/project/contextChoice.ts';
import { contextDocument } from '../../src/extension/project/contextDocument.ts';
import type { ContextReport, ProjectChange } from '../../src/protocol/project.ts';
import { ManualClock } from '../client/helpers.ts';

const report: ContextReport = {
  name: 'demo',
  budgetTokens: 4096,
  budgetWhy: 'what this machine evaluates in about 60 s',
  items: [
    { layer: 'rules', path: 'AGENTS.md', tokens: 10, why: 'tells how work is done here' },
    { layer: 'map', path: 'src/a.ts', tokens: 20, why: '3 other files import it' },
    { layer: 'map', path: 'src/b.ts', tokens: 1200, why: 'what others can use of it' },
  ],
  leftOut: [
    { path: '.env', reason: 'secret' },
    { path: 'dist/', reason: 'ignored' },
    { path: 'out/', reason: 'ignored' },
  ],
  baseTokens: 1000,
  staleShare: 0.021,
  trusted: true,
};

describe('the document of the project context', () => {
  it('says what is in, what it costs and why, layer by layer', () => {
    const text = contextDocument(report);
    expect(text).toContain('1,230 tokens in 3 items; the budget is 4,096 tokens');
    expect(text).toMatch(/## Rules[^\n]*\(10 tokens\)[\s\S]*## Map[^\n]*\(1,220 tokens\)/u);
    expect(text).toContain('| `src/a.ts` | 20 | 3 other files import it |');
    expect(text).toContain('1,000 tokens and lacks 3 % of what is shown here');
  });

  it('says what was left out and why', () => {
    const text = contextDocument(report);
    expect(text).toMatch(/### ignored \(2\)\n\n- `dist\/`\n- `out\/`/u);
    expect(text).toMatch(/### secret \(1\)\n\n- `\.env`/u);
    expect(contextDocument({ ...report, leftOut: [] })).toContain('## Left out\n\nNothing.');
  });

  it('tells of a workspace that is not trusted, and of no base', () => {
    const text = contextDocument({ ...report, trusted: false, baseTokens: 0 });
    expect(text).toContain('This workspace is not trusted');
    expect(text).toContain('There is no base session yet.');
  });

  it('shows names and reasons as they are, never as markup', () => {
    const item = { layer: 'files', path: 'a`|b.md', tokens: 1, why: '<b> | x' };
    const text = contextDocument({ ...report, items: [item] });
    expect(text).toContain('| `a··b.md` | 1 | \\<b\\> \\| x |');
  });
});

describe('a choice of a file or folder', () => {
  const nothing = { include: [], exclude: [] };

  it('moves it from one list to the other', () => {
    const included = withChoice(nothing, 'include', ['/a']);
    expect(included).toEqual({ include: ['/a'], exclude: [] });
    expect(withChoice(included, 'exclude', ['/a', '/b'])).toEqual({
      include: [],
      exclude: ['/a', '/b'],
    });
    expect(withChoice(included, 'include', ['/a'])).toBe(included);
    expect(withChoice(included, 'exclude', ['/b']).include).toBe(included.include);
  });

  it.each(['src/a.ts', 'a[1].ts', 'x{y,z}.ts', 'what?.md', 'a*b/c', 'at!'])(
    'names %s and nothing else',
    (path) => {
      const globs = new ExcludeGlobs([globOf(path)]);
      expect(globs.excludes(path, 'file')).toBe(true);
      expect(globs.excludes(`other/${path}`, 'file')).toBe(false);
      expect(globs.excludes('a1.ts', 'file')).toBe(false);
      expect(globs.excludes('xy.ts', 'file')).toBe(false);
    },
  );
});

describe('changes on disk', () => {
  const start = (): [ChangeBatch, ManualClock, ProjectChange[]] => {
    const sent: ProjectChange[] = [];
    const clock = new ManualClock();
    return [new ChangeBatch(clock, (change) => sent.push(change)), clock, sent];
  };

  it('are sent once when they have come to rest', () => {
    const [batch, clock, sent] = start();
    batch.add('file:///w/a.ts');
    clock.advance(400);
    batch.add('file:///w/b.ts');
    batch.add('file:///w/a.ts');
    clock.advance(400);
    expect(sent).toEqual([]);
    clock.advance(200);
    expect(sent).toEqual([{ uris: ['file:///w/a.ts', 'file:///w/b.ts'], incomplete: false }]);
  });

  it('are not told of what tools keep for themselves, but of a checkout', () => {
    const [batch, clock, sent] = start();
    batch.add('file:///w/.git/index.lock');
    batch.add('file:///w/node_modules/x/index.js');
    clock.advance(5000);
    expect(sent).toEqual([]);
    batch.add('file:///w/.git/HEAD');
    clock.advance(5000);
    expect(sent).toHaveLength(1);
  });

  it('are too many to be named at times', () => {
    const [batch, clock, sent] = start();
    for (let n = 0; n < 2000; n++) batch.add(`file:///w/${String(n)}.ts`);
    clock.advance(5000);
    expect(sent).toMatchObject([{ incomplete: true }]);
    batch.add('file:///w/later.ts');
    clock.advance(5000);
    expect(sent[1]).toEqual({ uris: ['file:///w/later.ts'], incomplete: false });
  });
});
