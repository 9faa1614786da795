import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/client/clock.ts';
import { LazyRefresh } from '../../src/extension/sessions/lazyRefresh.ts';
import { sessionGroups } from '../../src/extension/sessions/sessionNodes.ts';
import { shownCache } from '../../src/extension/sessions/shownCache.ts';
import type { SessionNames } from '../../src/extension/sessions/sessionWords.ts';
import type { CacheLedger } from '../../src/protocol/sessions.ts';
import type { SessionInfo } from '../../src/protocol/status.ts';

const names: SessionNames = {
  file: (uri) => uri.slice('file:///w/'.length),
  chat: (id) => (id === 'c1' ? 'What is it?' : undefined),
  time: (ms) => `at ${ms}`,
};

const session: SessionInfo = {
  ...{ kind: 'file', id: 'file:///w/a.ts', tokens: 1500, sizeBytes: 2048, state: 'resident' },
  ...{ hits: 3, savedMs: 12_000, usedAt: 1, resident: true },
  ...{ isDirty: false, isPrivate: false, isOutdated: false, path: '/s/files/a.session' },
};

describe('the tree of sessions', () => {
  const groups = sessionGroups(
    [
      { ...session, kind: 'chat', id: 'c1' },
      { ...session, state: 'onDisk', usedAt: 99, id: 'file:///w/old.ts' },
      session,
      { ...session, usedAt: 2, id: 'file:///w/b.ts', sizeBytes: 0, isDirty: true },
      { ...session, kind: 'base', id: 'b1b1b1b1b1', state: 'mapped' },
    ],
    names,
  );

  it('has the base first, and in each group what is in memory, the last used first', () => {
    const lines = groups.flatMap(({ label, sessions }) => [
      label,
      ...sessions.map((node) => `  ${node.label}: ${node.description}`),
    ]);
    expect(lines).toEqual([
      'Base (1)',
      '  Project context: 1,500 tokens · 2.0 KB · mapped · saved 12.0 s',
      'Files (3)',
      '  b.ts: 1,500 tokens · no file · in memory · saved 12.0 s',
      '  a.ts: 1,500 tokens · 2.0 KB · in memory · saved 12.0 s',
      '  old.ts: 1,500 tokens · 2.0 KB · on disk · saved 12.0 s',
      'Chats (1)',
      '  What is it?: 1,500 tokens · 2.0 KB · in memory · saved 12.0 s',
    ]);
    expect(groups[1]?.description).toBe('4,500 tokens · 4.0 KB');
    expect(sessionGroups([], names)).toEqual([]);
  });

  it('says everything to a screen reader', () => {
    const node = groups[1]?.sessions[1];
    expect(node?.words).toBe(
      'a.ts, Tokens: 1,500, State: in memory: its cells are in the context, On disk: 2.0 KB, ' +
        'Hits since the engine started: 3, Evaluation saved: 12.0 s, Last used: at 1, ' +
        'File: /s/files/a.session',
    );
  });

  it('offers in its menus what can be done', () => {
    const contextOf = (change: Partial<SessionInfo>) =>
      sessionGroups([{ ...session, ...change }], names)[0]?.sessions[0]?.context;
    expect(contextOf({})).toBe('file resident stored exportable');
    expect(contextOf({ isDirty: true, sizeBytes: 0 })).toBe('file resident unsaved exportable');
    expect(contextOf({ isDirty: true, isPrivate: true, kind: 'chat', sizeBytes: 0 })).toBe(
      'chat resident exportable',
    );
    expect(contextOf({ state: 'onDisk', isOutdated: true })).toBe('file onDisk stored');
  });

  it('tells chats of the panel, inline edits and other chats apart', () => {
    const nameOf = (id: string) =>
      sessionGroups([{ ...session, kind: 'chat', id }], names)[0]?.sessions[0]?.label;
    expect(nameOf('c1')).toBe('What is it?');
    expect(nameOf('edit-7')).toBe('Inline edit');
    expect(nameOf('x')).toBe('Chat of VS Code');
  });
});

describe('what is refreshed only while it can be seen', () => {
  let due: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    schedule: (action) => {
      due.push(action);
      return { dispose: () => (due = due.filter((one) => one !== action)) };
    },
  };
  const elapse = (): void => due.splice(0).forEach((action) => action());

  it('asks once for many changes, never while hidden, and at once when it is seen again', () => {
    let asked = 0;
    const refresh = new LazyRefresh(clock, () => asked++);
    refresh.changed();
    expect(due).toHaveLength(0);
    refresh.setVisible(true);
    expect(asked).toBe(1);
    for (let n = 0; n < 5; n++) refresh.changed();
    expect(asked).toBe(1);
    elapse();
    expect(asked).toBe(2);
    elapse();
    expect(asked).toBe(2);

    refresh.changed();
    refresh.setVisible(false);
    elapse();
    for (let n = 0; n < 5; n++) refresh.changed();
    elapse();
    expect(asked).toBe(2);
    refresh.setVisible(true);
    expect(asked).toBe(3);
    refresh.setVisible(false);
    refresh.setVisible(true);
    expect(asked).toBe(3);
    refresh.changed();
    refresh.dispose();
    elapse();
    expect(asked).toBe(3);
  });
});

describe('the cache panel', () => {
  const ledger: CacheLedger = {
    root: '/s',
    sessions: [
      { ...file('base', 'b1'), owner: 'here' },
      { ...file('file', 'file:///w/a.ts'), owner: 'here' },
      { ...file('file', 'file:///w/c.ts'), owner: 'otherModel' },
      { ...file('chat', 'x'), owner: 'otherWorkspace', workspace: 'file:///w/else' },
    ],
    others: [{ path: '/p/facts.json', bytes: 10, what: 'projectFacts' }],
    ...{ diskBytes: 4106, budgetBytes: 8192 },
    cells: {
      total: 1000,
      spans: [
        { kind: 'base', id: 'b1', cells: 500 },
        { kind: 'file', id: 'file:///w/a.ts', cells: 100 },
        { kind: 'file', id: 'file:///w/b.ts', cells: 50 },
      ],
    },
    memory: { bytes: 1024 ** 2, kind: 'private' },
  };
  const shown = shownCache(ledger, { path: '/chats', files: 2, bytes: 300 }, names);

  it('draws the cells of the context, free ones included, and says the same in words', () => {
    expect(shown.strip.spans.map(({ kind, shade, cells }) => [kind, shade, cells])).toEqual([
      ['base', 0, 500],
      ['file', 0, 100],
      ['file', 1, 50],
      ['free', 0, 350],
    ]);
    expect(shown.strip.words).toBe(
      'Base session: 500 cells, 50 %; a.ts: 100 cells, 10 %; b.ts: 50 cells, 5 %; Free: 350 cells, 35 %',
    );
  });

  it('lists every file that is kept, by whose it is, each under an id of its own', () => {
    const rows = shown.groups.flatMap(({ rows: all }) => all);
    expect(rows.map(({ path }) => path)).toEqual([
      ...['/s/b1', '/s/file:///w/a.ts', '/s/file:///w/c.ts', '/s/x', '/p/facts.json', '/chats'],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const { id, path } of rows.slice(0, 4)) expect(ledger.sessions[id]?.path).toBe(path);
    expect(rows.filter(({ opens }) => opens).map(({ name }) => name)).toEqual(['a.ts', 'c.ts']);
    expect(rows[3]?.name).toBe('Chat of VS Code (else)');
    expect(shown.facts.map(({ value }) => value)).toEqual([
      ...['4.0 KB of 8.0 KB', '3.0 KB', '1.0 MB', '/s'],
    ]);
  });

  function file(kind: SessionInfo['kind'], id: string) {
    return { kind, id, path: `/s/${id}`, tokens: 7, bytes: 1024, usedAt: 5 };
  }
});
