import { expect, it } from 'vitest';
import { sessionRows } from '../../src/extension/sessions/sessionRows.ts';

it('lists the base first, then the most recently used', () => {
  const session = {
    ...{ tokens: 1500, sizeBytes: 2048, resident: true, usedAt: 1, hits: 0 },
    ...{ isDirty: false, isPrivate: false, isOutdated: false, state: 'resident' as const },
  } as const;
  const rows = sessionRows(
    [
      { ...session, kind: 'chat', id: 'c1' },
      { ...session, kind: 'file', id: 'file:///w/a.ts' },
      { ...session, kind: 'file', id: 'file:///w/b.ts', usedAt: 9, sizeBytes: 0, resident: false },
      { ...session, kind: 'base', id: 'b1' },
    ],
    (uri) => uri.slice('file:///w/'.length),
  );
  expect(rows.map(({ kind, name, facts }) => `${kind} ${name}: ${facts}`)).toEqual([
    'base b1: 1,500 tokens · 2.0 KB · in memory',
    'file b.ts: 1,500 tokens · no file yet · on disk',
    'file a.ts: 1,500 tokens · 2.0 KB · in memory',
    'chat c1: 1,500 tokens · 2.0 KB · in memory',
  ]);
});
