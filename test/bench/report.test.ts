/** What the benchmark says of measured values: rows, comparison with an earlier run, the document. */
import { describe, expect, it } from 'vitest';
import type { MachineFacts } from '../../bench/lib/machine.ts';
import { shown, type BenchResult, type ResultRow } from '../../bench/lib/result.ts';
import { missingRows, regressionLines, regressions } from '../../bench/table/compare.ts';
import { shownCommand, withRun } from '../../bench/table/document.ts';
import { parseBenchOptions } from '../../bench/table/options.ts';
import { partNames } from '../../bench/table/part.ts';
import { measuredRow } from '../../bench/table/row.ts';
import { slopeRows } from '../../bench/table/rows/slopes.ts';
import { benchTable, goalsInWords } from '../../bench/table/table.ts';

const machine: MachineFacts = {
  ...{ processor: 'P', processors: 2, memoryGiB: 8, system: 'linux', node: 'v20', llama: '3' },
  ...{ model: 'm.gguf', commit: 'abc', date: '2026-01-02T03:04:05Z', loadAtStart: 0 },
};

function result(...rows: Partial<ResultRow>[]): BenchResult {
  const whole = { name: 'row', unit: 'ms', ours: 10, peers: {} };
  return { machine, rows: rows.map((row) => ({ ...whole, ...row })) };
}

describe('a measured row', () => {
  it('has medians, the spread of ours, the ratio and whether the goal is met', () => {
    const row = measuredRow({
      ...{ name: 'open', unit: 'ms', ours: [9, 10, 14, 11], peers: { server: [200, 300, 250] } },
      ...{ against: 'server', goal: { kind: 'ratio', atLeast: 20 } },
    });
    expect(row).toEqual({
      ...{ name: 'open', unit: 'ms', ours: 10, peers: { server: 250 } },
      ...{ ratio: 25, goal: '≥ 20 ×', met: true, spread: 0.2 },
    });
  });

  it('has neither ratio nor verdict without the peer that the goal is about', () => {
    const row = measuredRow({
      ...{ name: 'r', unit: 'ms', ours: [1], peers: { a: [] }, against: 'a' },
      goal: { kind: 'ratio', atLeast: 2 },
    });
    expect(row).toEqual({ name: 'r', unit: 'ms', ours: 1, peers: {}, goal: '≥ 2 ×' });
  });

  it.each([
    [{ kind: 'atMost', value: 10 } as const, true],
    [{ kind: 'atMost', value: 9 } as const, false],
    [{ kind: 'ratio', atLeast: 0.5 } as const, true],
    [{ kind: 'ratio', atLeast: 0.6 } as const, false],
  ])('goal %j: %s', (goal, met) => {
    const row = { name: 'r', unit: 'ms', ours: [10], peers: { a: [5] }, against: 'a' } as const;
    expect(measuredRow({ ...row, goal }).met).toBe(met);
  });
});

describe('a comparison with an earlier run', () => {
  it('finds ratios that are worse by more than 10 % and the spread, and says which', () => {
    const before = result(
      { name: 'steady', ratio: 20 },
      { name: 'worse', ratio: 20 },
      { name: 'noisy', ratio: 20, spread: 0.5 },
      { name: 'better', ratio: 20 },
      { name: 'gone', ratio: 20 },
    );
    const now = result(
      { name: 'steady', ratio: 19 },
      { name: 'worse', ratio: 17 },
      { name: 'noisy', ratio: 15 },
      { name: 'better', ratio: 40 },
      { name: 'new', ratio: 1 },
    );
    expect(regressionLines(regressions(before, now))).toBe('worse: ratio 20 → 17');
  });

  it('takes times without a ratio on the same machine alone, and counts on any', () => {
    const before = result({ name: 'time' }, { name: 'count', unit: 'tokens', ours: 0 });
    const now = result({ name: 'time', ours: 12 }, { name: 'count', unit: 'tokens', ours: 1 });
    const names = (run: BenchResult): string[] => regressions(before, run).map(({ name }) => name);
    expect(names(now)).toEqual(['time', 'count']);
    expect(names({ ...now, machine: { ...machine, processor: 'Q' } })).toEqual(['count']);
  });

  it('finds a goal that is lost by little, and what is twice as bad however much it spreads', () => {
    const before = result({ name: 'goal', met: true }, { name: 'wild', spread: 6, ratio: 20 });
    const now = result(
      { name: 'goal', ours: 10.5, met: false },
      { name: 'wild', spread: 6, ratio: 10 },
    );
    expect(regressionLines(regressions(before, now))).toBe(
      'goal: goal 10 → 10.5\nwild: ratio 20 → 10',
    );
  });

  it('tells what is measured no longer, of parts that were run', () => {
    const before = result(
      { part: 'fork', name: 'gone' },
      { part: 'fork', name: 'there' },
      { part: 'open', name: 'not run' },
    );
    expect(missingRows(before, result({ part: 'fork', name: 'there' }))).toEqual(['gone']);
  });
});

describe('how rows grow', () => {
  const row = (name: string, ours: number, unit = 'ms'): ResultRow =>
    measuredRow({ name, unit, ours: [ours] });

  it('is the factor for twice the size, of series of three sizes or more', () => {
    const rows = [
      row('fork of 1,024 tokens', 10),
      row('fork of 2,048 tokens', 20),
      row('fork of 8,192 tokens', 80),
      row('24 forks of 1,024 tokens', 5),
      row('24 forks of 4,096 tokens', 5),
      row('24 forks of 8,192 tokens', 5),
      row('1 windows', 1),
      row('2 windows', 2),
      row('8 files', 0),
      row('16 files', 0),
      row('32 files', 0),
      row('1,024 tokens', 1, 'tokens'),
    ];
    const slopes = slopeRows(rows).map(({ name, ours }) => [name, Number(ours.toFixed(6))]);
    expect(slopes).toEqual([
      ['fork of … tokens: factor for twice as many', 2],
      ['24 forks of … tokens: factor for twice as many', 1],
    ]);
  });
});

describe('the table', () => {
  it('shows dashes for what is not known', () => {
    const { rows } = result(
      { peers: { server: 3.14159 } },
      { ratio: 2, goal: '≥ 1 ×', met: false },
    );
    const [, , first, second] = benchTable(rows).split('\n');
    expect(first?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      '',
      'row',
      'ms',
      '10',
      '–',
      'server: 3.14',
      '–',
      '–',
      '–',
      '',
    ]);
    expect(second).toContain('| 2 ×   | ≥ 1 × | no ');
  });

  it('names a part where it begins, and counts goals', () => {
    const rows = [
      { part: 'open', name: 'a', met: true },
      { part: 'open', name: 'b', met: false },
      { part: 'fork', name: 'c', met: true },
      { part: 'fork', name: 'd' },
    ];
    const table = benchTable(result(...rows).rows);
    const firsts = table.split('\n').map((line) => line.split('|')[1]?.trim());
    expect(firsts.slice(2)).toEqual(['**open**', '', '**fork**', '']);
    expect(goalsInWords(result(...rows).rows)).toBe('Goals met: 2 of 3. Not met: b.');
  });

  it.each([
    [4096, '4,096'],
    [402_653_184, '403,000,000'],
    [18_671.2, '18,700'],
    [0.0123456, '0.0123'],
    [12.3456, '12.3'],
    [Number.NaN, '–'],
  ])('shows %d as %s', (value, words) => {
    expect(shown(value)).toBe(words);
  });

  it('takes the place of the last one in a document', () => {
    const document =
      'before\n<!-- begin: npm run bench -->\nold\n<!-- end: npm run bench -->\nafter\n';
    const written = withRun(document, result({ name: 'fresh' }), 'npm run bench -- --quick');
    expect(written).toMatch(
      /^before\n<!-- begin[^]*`npm run bench -- --quick`[^]*fresh[^]*\nafter\n$/,
    );
    expect(written).not.toContain('old');
    expect(withRun(written, result({ name: 'fresh' }), 'npm run bench -- --quick')).toBe(written);
    expect(() => withRun('no marks', result(), 'c')).toThrow('begin: npm run bench');
  });
});

describe('the command in a document', () => {
  it.each([
    [[], 'npm run bench'],
    [['--json', 'a/b.json', '--quick', '--write=c.md'], 'npm run bench -- --quick'],
    [['--model', 'a/b.gguf', '--runs', '3'], 'npm run bench -- --model b.gguf --runs 3'],
  ])('%j', (args, command) => {
    expect(shownCommand(args)).toBe(command);
  });
});

describe('the command line', () => {
  it('takes parts in the order of the table, all without one', () => {
    expect(parseBenchOptions(['--part', 'save', '--part', 'open'])?.parts).toEqual([
      'open',
      'save',
    ]);
    expect(parseBenchOptions([])?.parts).toEqual(partNames);
    expect(parseBenchOptions(['--quick'])?.runs).toBe(2);
    expect(parseBenchOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--part', 'nothing'], '--part takes open or fork'],
    [['--runs', '0'], '--runs takes a whole number from 1'],
    [['--shape', '7b'], '--shape takes 0.5b or 1.5b'],
  ])('%j says what it takes', (args, message) => {
    expect(() => parseBenchOptions(args)).toThrow(message);
  });
});
