/** The engine's promises, shown by counters, with the real library and a real model. */
import { afterEach, describe, expect, it } from 'vitest';
import { Fixture, never, smallProject } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

const code = 'export function twice(value: number): number {\n  return va║\n}\n';

// Sessions reach the disk in one of two ways; nothing else may depend on it.
describe.each(['mapped', 'file'] as const)('with session files: %s', (sessionIo) => {
  const create = (): Promise<Fixture> => Fixture.create(smallProject, { sessionIo });

  describe('a warm base', () => {
    it('is evaluated once and then serves every request: only what follows it is evaluated', async () => {
      fixture = await create();
      const engine = fixture.start();
      const { base, state, persistence } = await engine.whenWarm();
      expect({ state, persistence: persistence.kind }).toEqual({
        state: 'ready',
        persistence: sessionIo,
      });
      expect(base).toMatchObject({ source: 'evaluated', persisted: true });
      const before = await engine.counters();
      expect(before.baseTokensEvaluated).toBe(base?.tokens);

      const first = await engine.complete(fixture.at('src/twice.ts', code), never);
      const after = await engine.counters();
      expect(first.stats.reused).toBe(base?.tokens);
      expect(first.stats.evaluated).toBe(first.stats.promptTokens - (base?.tokens ?? 0));
      // Everything that went through llama_decode: the prompt above the base, and generated tokens.
      const decoded = after.tokensEvaluated - before.tokensEvaluated;
      expect(decoded).toBeGreaterThanOrEqual(first.stats.evaluated);
      expect(decoded).toBeLessThanOrEqual(first.stats.evaluated + first.stats.generated);
      expect(after.baseTokensEvaluated).toBe(before.baseTokensEvaluated);

      const again = await engine.complete(fixture.at('src/twice.ts', code), never);
      expect(again.stats.evaluated).toBe(1);
      expect(again.text).toBe(first.text);
    });

    it('serves the chat too, and the second turn evaluates only what is new', async () => {
      fixture = await create();
      const engine = fixture.start();
      const { base } = await engine.whenWarm();
      const deltas: string[] = [];
      const question = { role: 'user', content: 'What does add do?' } as const;
      const turn = { chatId: 'a', messages: [question], maxTokens: 24 };
      const first = await engine.chat(turn, never, (text) => deltas.push(text));
      expect(first.stats.reused).toBe(base?.tokens);
      expect(deltas.join('')).toBe(first.text);
      const messages = [question, { role: 'assistant', content: first.text } as const, question];
      const second = await engine.chat({ ...turn, messages }, never, () => undefined);
      expect(second.stats.reused).toBeGreaterThanOrEqual(
        first.stats.promptTokens + first.stats.generated - 1,
      );
      expect(second.stats.evaluated).toBeLessThan(first.stats.evaluated);
    });
  });

  describe('typing', () => {
    it('costs at most the tokens typed, over line ends too', async () => {
      fixture = await create();
      const engine = fixture.start();
      await engine.whenWarm();
      const head = 'const first = 1;\n';
      const typed = 'const total = items.map((item) => item.price);\n  return total';
      let promptBefore = 0;
      const costs: number[] = [];
      for (let end = 0; end <= typed.length; end++) {
        const text = `${head}${typed.slice(0, end)}║\n\nexport {};\n`;
        const { stats } = await engine.complete(
          fixture.at('src/typed.ts', text, { maxTokens: 4 }),
          never,
        );
        if (end > 0) {
          // The last prompt token is evaluated for its logits even when it is the same.
          const allowed = Math.max(1, stats.promptTokens - promptBefore + 1);
          expect(
            stats.evaluated,
            `after ${JSON.stringify(typed.slice(0, end))}`,
          ).toBeLessThanOrEqual(allowed);
          costs.push(stats.evaluated);
        }
        promptBefore = stats.promptTokens;
      }
      const average = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
      expect(average).toBeLessThan(1.5);
    });
  });

  describe('a restart', () => {
    it('restores base and file session: nothing of them is evaluated, and the text is the same', async () => {
      fixture = await create();
      const first = fixture.start();
      const { base } = await first.whenWarm();
      const cold = await first.complete(fixture.at('src/twice.ts', code), never);
      expect(await first.saveAll()).toMatchObject({ saved: 1 });
      expect((await first.sessions()).map(({ kind }) => kind)).toEqual(['base', 'file']);
      await first.close();

      const second = fixture.start();
      const status = await second.whenWarm();
      expect(status.base).toMatchObject({ source: 'restored', tokens: base?.tokens, evaluated: 0 });
      const restarted = await second.complete(fixture.at('src/twice.ts', code), never);
      const counters = await second.counters();
      expect(counters).toMatchObject({
        basesRestored: 1,
        baseTokensEvaluated: 0,
        overlaysRestored: 1,
        cacheMisses: 0,
      });
      expect(restarted.stats).toMatchObject({ evaluated: 1, sessionRestored: true });
      expect(restarted.text).toBe(cold.text);
    });

    it('goes on typing where the restored file session ended', async () => {
      fixture = await Fixture.create();
      const text = (typed: string): string => `const first = 1;\n${typed}║\n\nexport {};\n`;
      const first = fixture.start();
      await first.whenWarm();
      for (const typed of ['con', 'const total = 1;\nconst oth'])
        await first.complete(fixture.at('src/typed.ts', text(typed), { maxTokens: 4 }), never);
      await first.close();
      const second = fixture.start();
      await second.whenWarm();
      const more = text('const total = 1;\nconst other');
      const { stats } = await second.complete(fixture.at('src/typed.ts', more), never);
      expect(stats.sessionRestored).toBe(true);
      // Its last token is healed, so what was typed last is one or two tokens; prefix and suffix are not evaluated.
      expect(stats.evaluated).toBeLessThanOrEqual(3);
    });

    it('brings a chat back', async () => {
      fixture = await create();
      const first = fixture.start();
      await first.whenWarm();
      const question = { role: 'user', content: 'What does add do?' } as const;
      const turn = { chatId: 'c1', messages: [question], maxTokens: 16 };
      const answer = await first.chat(turn, never, () => undefined);
      await first.close();
      const second = fixture.start();
      await second.whenWarm();
      const retry = await second.chat(turn, never, () => undefined);
      expect(retry.stats).toMatchObject({ evaluated: 1, sessionRestored: true });
      expect(retry.text).toBe(answer.text);
    });

    it('goes on with the old base while the project has changed little, and takes a new one on request', async () => {
      fixture = await create();
      const first = fixture.start();
      const { base } = await first.whenWarm();
      await first.close();
      await fixture.write('src/add.ts', 'export const add = (a: number, b: number) => a + b;\n');
      const second = fixture.start({});
      const served = await second.whenWarm();
      expect(served.base?.source === 'restored' ? served.base.id : 'rebuilt').toBeDefined();
      const rebuilt = await second.rebuildBase();
      expect(rebuilt.id).not.toBe(base?.id);
      expect(rebuilt.evaluated).toBeLessThan(rebuilt.tokens);
      const counters = await second.counters();
      expect(counters.basesRestored).toBe(1);
    });
  });
});
