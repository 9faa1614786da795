import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/engine/gate.ts';

describe('Gate', () => {
  it('lets requests in together, and the swap only when all have left', async () => {
    const gate = new Gate();
    const events: string[] = [];
    const leave: (() => void)[] = [];
    const enter = (name: string): Promise<void> =>
      gate.shared(async () => {
        events.push(`${name} in`);
        await new Promise<void>((resolve) => leave.push(resolve));
        events.push(`${name} out`);
      });
    const a = enter('a');
    const b = enter('b');
    let finishSwap = (): void => undefined;
    const swap = gate.exclusive(async () => {
      events.push('swap');
      await new Promise<void>((resolve) => (finishSwap = resolve));
      events.push('swapped');
    });
    expect(events).toEqual(['a in', 'b in']);
    leave[0]?.();
    await a;
    expect(events).not.toContain('swap');
    leave[1]?.();
    await b;
    await Promise.resolve();
    const c = enter('c');
    expect(events.at(-1)).toBe('swap');
    finishSwap();
    await swap;
    await Promise.resolve();
    leave[2]?.();
    await c;
    expect(events).toEqual(['a in', 'b in', 'a out', 'b out', 'swap', 'swapped', 'c in', 'c out']);
  });

  it('runs swaps one after the other and opens again when one fails', async () => {
    const gate = new Gate();
    let alone = 0;
    const swap = (fails: boolean): Promise<void> =>
      gate.exclusive(async () => {
        expect(++alone).toBe(1);
        await Promise.resolve();
        alone--;
        if (fails) throw new Error('failed');
      });
    const results = await Promise.allSettled([swap(false), swap(true), swap(false)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await gate.shared(async () => 'open')).toBe('open');
  });
});
