import { describe, expect, it } from 'vitest';
import type { SessionReport } from '../../src/protocol/sessionReport.ts';
import { verifyReport } from '../../src/extension/sessions/verifyReport.ts';

const words = {
  nameOf: (uri: string) => uri.slice('file:///w/'.length),
  formatTime: (ms: number) => new Date(ms).toISOString(),
};

const orderly: SessionReport = {
  root: '/cache',
  sessions: [
    {
      kind: 'base',
      id: 'b1',
      path: 'f/w/base-b1.session',
      tokens: 4096,
      sizeBytes: 50_000_000,
      usedAt: 0,
    },
    {
      kind: 'file',
      id: 'file:///w/a|b.ts',
      path: 'f/w/files/1.session',
      tokens: 80,
      sizeBytes: 2048,
      usedAt: 1,
    },
  ],
  problems: [],
  bytes: 50_002_048,
  budgetBytes: 2 * 1024 ** 3,
};

describe('the report of session files', () => {
  it('says at once that everything is in order', () => {
    const lines = verifyReport(orderly, words).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '# Warmfork Session Files',
      '',
      'Everything is in order.',
      '',
      '47.7 MB of 2048.0 MB in use, in /cache',
    ]);
    expect(lines.filter((line) => line.startsWith('|'))).toEqual([
      '| Kind | Session | Tokens |    Size | Last used                | Verdict | File                |',
      '| ---- | ------- | -----: | ------: | ------------------------ | ------- | ------------------- |',
      '| base | b1      |  4,096 | 47.7 MB | 1970-01-01T00:00:00.000Z | valid   | f/w/base-b1.session |',
      '| file | a\\|b.ts |     80 |  2.0 KB | 1970-01-01T00:00:00.001Z | valid   | f/w/files/1.session |',
    ]);
    expect(lines.join('\n')).not.toContain('Clear Session Cache');
  });

  it('names what is wrong, and what to do', () => {
    const [base, file] = orderly.sessions;
    const problem = 'its content has changed (checksum)';
    const report = {
      ...orderly,
      sessions: [{ ...base!, problem }, file!],
      problems: [{ path: 'f/w/notes.txt', problem: 'not a file of the cache' }],
    };
    const text = verifyReport(report, words);
    expect(text).toContain('1 session cannot be used, 1 other finding.');
    expect(text).toMatch(/base \| b1 .*its content has changed \(checksum\)/);
    expect(text).toContain('- f/w/notes.txt: not a file of the cache');
    expect(text).toContain('Clear Session Cache');
  });

  it('has no table without sessions', () => {
    const text = verifyReport({ ...orderly, sessions: [] }, words);
    expect(text).toContain('There are none yet.');
    expect(text).not.toContain('|');
  });
});
