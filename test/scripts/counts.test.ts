import { describe, expect, it } from 'vitest';
import { ctestCounts } from '../../scripts/test/ctest.ts';
import { reportLines, summaryLine, totals } from '../../scripts/test/report.ts';
import { checked, failedSuite } from '../../scripts/test/suite.ts';
import { vitestCounts } from '../../scripts/test/vitest.ts';

const passing = { passed: 3, failed: 0, skipped: 1, failures: [] };

describe('a suite', () => {
  it('that ran no test has failed', () => {
    const result = checked('x', { passed: 0, failed: 0, skipped: 2, failures: [] }, 0);
    expect(result).toMatchObject({ passed: 0, failed: 1, skipped: 2 });
  });
  it('that ended badly without a failed test has failed', () => {
    expect(checked('x', passing, 139)).toMatchObject({ passed: 3, failed: 1, skipped: 1 });
  });
  it('keeps its own counts otherwise', () => {
    expect(checked('x', passing, 0)).toEqual(passing);
    expect(checked('x', failedSuite('a'), 1)).toEqual(failedSuite('a'));
  });
});

describe('ctest output', () => {
  const output = `1: starting
1: 4 passed, 0 failed
1/4 Test #1: tidy .............................   Passed    0.01 sec
2: FAILED  adds
2: 2 passed, 1 failed
2/4 Test #2: adds .............................***Failed    0.01 sec
3: about to crash
3/4 Test #3: crashes ..........................***Exception: SegFault  0.10 sec
4: nothing to see
4/4 Test #4: silent ...........................   Passed    0.00 sec
`;
  it('is summed; a crash and a silent program are failures', () => {
    const { passed, failed, failures } = ctestCounts(output);
    expect([passed, failed]).toEqual([6, 3]);
    expect(failures.map((failure) => failure.split(':')[0])).toEqual(['adds', 'crashes', 'silent']);
    expect(failures[0]).toContain('FAILED  adds');
  });
  it('without a test counts nothing', () => {
    expect(ctestCounts('No tests were found!!!')).toMatchObject({ passed: 0, failed: 0 });
  });
});

describe('a run of vitest', () => {
  it('counts what failed outside of a test as failures too', () => {
    const tests = [
      { name: 'one', state: 'passed', messages: [] },
      { name: 'two', state: 'failed', messages: ['expected 1'] },
      { name: 'three', state: 'skipped', messages: [] },
    ] as const;
    expect(vitestCounts({ tests, outside: ['b.test.ts\nSyntaxError'] })).toEqual({
      passed: 1,
      failed: 2,
      skipped: 1,
      failures: ['two\nexpected 1', 'b.test.ts\nSyntaxError'],
    });
  });
});

describe('the report', () => {
  const rows = [
    { name: 'unit', result: passing, ms: 1234 },
    { name: 'ui', result: failedSuite('no ghost text'), ms: 10 },
  ];
  it('sums all suites and names what was skipped', () => {
    expect(summaryLine(totals(rows))).toBe('3 passed, 1 failed, 1 skipped');
    expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  });
  it('shows failures again', () => {
    expect(reportLines(rows)).toContain('✗ ui: no ghost text');
  });
});
