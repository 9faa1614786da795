import { describe, expect, it } from 'vitest';
import { lingerMs } from '../../src/extension/inline/inFlight.ts';
import { inlineRig, type InlineRig } from './inlineRig.ts';

const held = (rig: InlineRig) => rig.logs.first((log) => log.message === 'held');
const aborted = async (rig: InlineRig) => (await rig.supervisor.counters()).decodesAborted;

describe('a request under way', () => {
  it('serves who types what it is producing: one request, and the rest is offered', async () => {
    const rig = inlineRig();
    const editor = new AbortController();
    const first = rig.ask('<held:fakeC>║\n', {}, editor.signal);
    await held(rig);
    rig.key('<held:fakeC>f║\n');
    editor.abort();
    expect(await first).toMatchObject({ outcome: 'cancelled' });
    const second = rig.ask('<held:fakeC>fa║\n');
    await rig.release();
    expect(await second).toMatchObject({
      outcome: 'offered',
      source: 'inFlight',
      text: 'keCompletion();',
      attempts: 0,
    });
    expect(rig.requests.all).toHaveLength(1);
  });

  it('is cancelled by the key that contradicts it, before the editor asks', async () => {
    const rig = inlineRig();
    const first = rig.ask('<held:fakeC>║');
    await held(rig);
    rig.key('<held:fakeC>x║');
    expect(await first).toMatchObject({ outcome: 'cancelled' });
    expect(await aborted(rig)).toBe(1);
  });

  it('is cancelled as soon as it produces something else than was typed meanwhile', async () => {
    const rig = inlineRig();
    const editor = new AbortController();
    const first = rig.ask('<held:fake>║', {}, editor.signal);
    await rig.requests.first(() => true);
    rig.key('<held:fake>x║');
    editor.abort();
    const second = rig.ask('<held:fake>x║');
    expect(await first).toMatchObject({ outcome: 'cancelled' });
    await rig.requests.first(({ prefix }) => prefix.endsWith('x'));
    expect(await aborted(rig)).toBe(1);
    await rig.logs.first((log) => rig.logs.all.indexOf(log) > 0 && log.message === 'held');
    await rig.release();
    expect(await second).toMatchObject({ source: 'engine', text: 'fakeCompletion();' });
  });

  it('ends when the editor gives up and no key was pressed', async () => {
    const rig = inlineRig();
    const editor = new AbortController();
    const first = rig.ask('<held:>║', {}, editor.signal);
    await held(rig);
    editor.abort();
    expect(await first).toMatchObject({ outcome: 'cancelled' });
    expect(rig.completer.isAsking('file:///a.ts')).toBe(true);
    rig.clock.advance(lingerMs.withoutKey);
    expect(rig.completer.isAsking('file:///a.ts')).toBe(false);
    expect(await aborted(rig)).toBe(1);
  });

  it('ends when the editor does not ask again after a key', async () => {
    const rig = inlineRig();
    const editor = new AbortController();
    const first = rig.ask('<held:fake>║', {}, editor.signal);
    await held(rig);
    rig.key('<held:fake>f║');
    editor.abort();
    await first;
    rig.clock.advance(lingerMs.withoutKey);
    expect(rig.completer.isAsking('file:///a.ts')).toBe(true);
    rig.clock.advance(lingerMs.afterKey);
    expect(await aborted(rig)).toBe(1);
  });

  it('gives way to a question at another place at once', async () => {
    const rig = inlineRig();
    const first = rig.ask('<held:>║');
    await held(rig);
    expect(await rig.ask('elsewhere ║')).toMatchObject({ source: 'engine' });
    expect(await first).toMatchObject({ outcome: 'cancelled', superseded: true });
    expect(await aborted(rig)).toBe(1);
  });

  it('does not serve who wants several suggestions', async () => {
    const rig = inlineRig();
    const first = rig.ask('<held:fake>║');
    await held(rig);
    const several = rig.ask('<held:fake>║', { trigger: 'invoke', candidates: 3 });
    await rig.requests.first(({ candidates }) => candidates === 3);
    await rig.release();
    expect((await several).candidates).toHaveLength(3);
    expect(await first).toMatchObject({ superseded: true });
  });
});

describe('the suggestion after the one that shows', () => {
  const ahead = (rig: InlineRig) => rig.requests.first(({ trigger }) => trigger === 'prefetch');

  it('is asked for while the first one shows, and is there when that is accepted', async () => {
    const rig = inlineRig({}, { prefetch: () => true });
    await rig.ask('a = ║');
    expect(await ahead(rig)).toMatchObject({ prefix: 'a = fakeCompletion();' });
    // An own request behind it: when that is answered, the one before it was.
    await rig.supervisor.counters();
    const next = await rig.ask('a = fakeCompletion();║');
    expect(next).toMatchObject({ source: 'cache', text: 'fakeCompletion();', attempts: 0 });
  });

  it('is asked for once while the first one is typed', async () => {
    const rig = inlineRig({}, { prefetch: () => true });
    await rig.ask('a = ║');
    await rig.ask('a = f║');
    await rig.ask('a = fake║');
    expect(rig.requests.all).toHaveLength(2);
  });

  it('takes what the suggestion replaces off the text after the cursor', async () => {
    const rig = inlineRig({ completions: ['a, b);'] }, { prefetch: () => true });
    await rig.ask('f(║)\n');
    expect(await ahead(rig)).toMatchObject({ prefix: 'f(a, b);', suffix: '\n' });
  });

  it('is given up when something else is typed', async () => {
    const rig = inlineRig({ completions: ['<held:more>'] }, { prefetch: () => true });
    await rig.ask('a = ║');
    await held(rig);
    rig.key('a = <║');
    expect(rig.completer.isAsking('file:///a.ts')).toBe(true);
    rig.key('a = x║');
    expect(rig.completer.isAsking('file:///a.ts')).toBe(false);
    expect(await aborted(rig)).toBe(1);
  });

  it('is not asked for where that is switched off', async () => {
    const rig = inlineRig({}, { prefetch: () => false });
    await rig.ask('a = ║');
    expect(rig.requests.all).toHaveLength(1);
  });
});
