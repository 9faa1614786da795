/** Drafts by looking up: fewer decodes, the same tokens, and only where it pays. */
import { afterEach, describe, expect, it } from 'vitest';
import { Drafting } from '../../src/engine/draft/drafting.ts';
import type { Follower } from '../../src/engine/draft/follower.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { ChatResult } from '../../src/protocol/chat.ts';
import type { SamplingParams } from '../../src/protocol/requests.ts';
import type { EngineSettings } from '../../src/protocol/settings.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture | undefined;
afterEach(async () => {
  await fixture?.remove();
  fixture = undefined;
});

/** What one engine answers, and the decodes it took. */
interface Told {
  readonly answers: readonly ChatResult[];
  readonly decodes: number;
  readonly drafted: number;
  readonly kept: number;
}

async function tell(
  drafting: NonNullable<EngineSettings['drafting']>,
  sampling?: SamplingParams,
): Promise<Told> {
  const engine = fixture!.start({ drafting, persist: 'none' });
  await engine.whenWarm();
  const before = await engine.counters();
  const first = await ask(engine, ['Say it again and again: add add add add.'], sampling);
  const second = await ask(engine, [
    'Say it again and again: add add add add.',
    first.text,
    'Go on.',
  ]);
  const after = await engine.counters();
  await engine.close();
  return {
    answers: [first, second],
    decodes: after.decodeCalls - before.decodeCalls,
    drafted: after.tokensDrafted,
    kept: after.draftsKept,
  };
}

function ask(
  engine: Engine,
  contents: readonly string[],
  sampling?: SamplingParams,
): Promise<ChatResult> {
  const messages = contents.map((content, at) => ({
    role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content,
  }));
  const params = { chatId: 'c', messages, maxTokens: 120, ...(sampling && { sampling }) };
  return engine.chat(params, never, () => undefined);
}

/** All but times. */
function told({ answers }: Told): unknown {
  return answers.map(({ text, stopReason, stats }) => {
    const { promptTokens, evaluated, reused, generated } = stats;
    return { text, stopReason, promptTokens, evaluated, reused, generated };
  });
}

describe('an answer that repeats what stands before it', () => {
  it('is the same with drafts, in fewer decodes, and its session is the same', async () => {
    fixture = await Fixture.create();
    const without = await tell('off');
    const drafted = await tell('always');
    expect(told(drafted)).toEqual(told(without));
    expect(without).toMatchObject({ drafted: 0, kept: 0 });
    expect(drafted.kept).toBeGreaterThan(0);
    expect(drafted.decodes).toBeLessThan(without.decodes);
  });

  it('is the same with drafts when it is drawn by chance', async () => {
    fixture = await Fixture.create();
    const sampling = { temperature: 0.6, topK: 5, seed: 7 };
    const without = await tell('off', sampling);
    const drafted = await tell('always', sampling);
    expect(told(drafted)).toEqual(told(without));
    expect(drafted.kept).toBeGreaterThan(0);
  });
});

describe('completions with drafts', () => {
  it('end where they end without, and leave the same tokens evaluated', async () => {
    fixture = await Fixture.create();
    const code = [
      'const list = [1, 2, 3, 4, 5, 6, 7, 8║];\n',
      'function one() {\n  return 1;\n}\n\nfunction tw║\n',
      '// a a a a a a a a a\nconst a = ║\n',
    ];
    const outcomes = [];
    let kept = 0;
    for (const drafting of ['off', 'always'] as const) {
      const engine = fixture.start({ drafting, persist: 'none' });
      await engine.whenWarm();
      const results = [];
      for (const [at, text] of code.entries())
        for (const typed of ['', ' '])
          results.push(await complete(engine, `src/f${at}.ts`, text.replace('║', `${typed}║`)));
      outcomes.push(results);
      kept = (await engine.counters()).draftsKept;
      await engine.close();
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(kept).toBeGreaterThan(0);
  });
});

async function complete(engine: Engine, path: string, text: string): Promise<unknown> {
  const request = fixture!.at(path, text, { maxTokens: 64, singleLine: false });
  const { text: offered, stopReason, stats } = await engine.complete(request, never);
  const { evaluated, reused, generated } = stats;
  return { offered, stopReason, evaluated, reused, generated };
}

describe('whether to draft', () => {
  const msPerToken = 4;
  const phrase = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  function drafting(): Drafting {
    const made = new Drafting();
    made.mode = 'auto';
    made.costs.recordSingle(17);
    return made;
  }

  function followed(of: Drafting, prompt: readonly number[], text: readonly number[]): Follower {
    const follower = of.follow(prompt)!;
    for (const token of text) follower.take(token);
    return follower;
  }

  function repeated(times: number): number[] {
    return Array.from({ length: times }, () => phrase).flat();
  }

  it('foretells what stood behind the longest match, and repeats what repeats itself', () => {
    const of = drafting();
    const copied = followed(of, [7, 7, 1, 2, 3, 9, 8, 1, 5, 2, 3, 6], [7, 1, 2, 3]);
    expect(copied.matched).toBe(4);
    expect(copied.foretell(3)).toEqual([9, 8, 1]);
    expect(followed(of, [], [4, 5, 4, 5, 4]).foretell(5)).toEqual([5, 4, 5, 4, 5]);
    expect(followed(of, phrase, [20, 21, 22]).foretell(5)).toEqual([]);
  });

  it('is learned from texts, without drafting', () => {
    const of = drafting();
    expect(of.choose(followed(of, phrase, phrase.slice(0, 5)), 64, msPerToken)).toBe(0);
    const follower = followed(of, phrase, repeated(12));
    expect(of.choose(follower, 64, msPerToken)).toBe(15);
    // Never beyond the end of the text.
    expect(of.choose(follower, 2, msPerToken)).toBe(0);
  });

  it('is given up where texts go on otherwise, and taken up again', () => {
    const of = drafting();
    followed(of, phrase, repeated(12));
    const begun = [...phrase, 30, ...phrase, 31, ...phrase, 32, ...phrase, 33];
    const astray = followed(of, phrase, [...begun, ...phrase, 34, ...phrase]);
    expect(of.choose(astray, 64, msPerToken)).toBe(0);
    expect(of.choose(followed(of, phrase, repeated(12)), 64, msPerToken)).toBe(15);
  });

  it('depends on what a batch takes on this machine', () => {
    const of = drafting();
    const follower = followed(of, phrase, repeated(12));
    for (const tokens of [4, 8, 16]) of.costs.recordTogether(tokens, 17 * tokens);
    expect(of.choose(follower, 64, msPerToken)).toBe(0);
    const other = drafting();
    const same = followed(other, phrase, repeated(12));
    for (const tokens of [4, 16]) other.costs.recordTogether(tokens, 17 * tokens);
    other.costs.recordTogether(8, 20);
    expect(other.choose(same, 64, msPerToken)).toBe(7);
  });

  it('does not look cheap because single tokens were delayed', () => {
    const of = drafting();
    const follower = followed(of, phrase, repeated(12));
    for (let token = 0; token < 8; token++) of.costs.recordSingle(170);
    for (const tokens of [4, 8, 16]) of.costs.recordTogether(tokens, 17 * tokens);
    expect(of.choose(follower, 64, msPerToken)).toBe(0);
  });

  it('is measured again after a while', () => {
    const of = drafting();
    const follower = followed(of, phrase, repeated(12));
    for (const tokens of [4, 8, 16]) of.costs.recordTogether(tokens, 17 * tokens);
    for (let token = 0; token <= 1000; token++) of.costs.recordSingle(17);
    expect(of.choose(follower, 64, msPerToken)).toBe(15);
  });

  it('ends in a text in which drafts only lose, until it goes on as foretold for long', () => {
    const of = drafting();
    const follower = followed(of, phrase, repeated(12));
    expect(of.choose(follower, 64, msPerToken)).toBe(15);
    of.record(follower, 16, 1, 4 * 17); // three tokens lost
    expect(of.choose(follower, 64, msPerToken)).toBe(0);
    // Another text has its own account.
    expect(of.choose(followed(of, phrase, repeated(12)), 64, msPerToken)).toBe(15);
    for (const token of repeated(2)) follower.take(token);
    expect(of.choose(follower, 64, msPerToken)).toBe(15);
  });

  it('may lose a little for each token, and a little of what was won', () => {
    const of = drafting();
    const follower = followed(of, phrase, repeated(12));
    of.record(follower, 16, 16, 4 * 17); // twelve won
    of.record(follower, 16, 1, 4 * 17);
    expect(of.choose(follower, 64, msPerToken)).toBe(15);
    of.record(follower, 16, 1, 4 * 17);
    expect(of.choose(follower, 64, msPerToken)).toBe(0);
    for (let token = 100; token < 300; token++) follower.take(token);
    expect(follower.account.isOpen).toBe(true);
  });

  it('waits until the machine is known', () => {
    const of = new Drafting();
    of.mode = 'auto';
    const follower = followed(of, phrase, repeated(12));
    expect(of.choose(follower, 64, msPerToken)).toBe(0);
    of.costs.recordSingle(17);
    expect(of.choose(follower, 64, undefined)).toBe(0);
  });
});
