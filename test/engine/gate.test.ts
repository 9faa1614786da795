import { describe, expect, it } from 'vitest';
import { type EntryOptions, Gate } from '../../src/engine/inference/gate.ts';

describe('Gate', () => {
  it('lets requests in together, and the swap only when all have left', async () => {
    const gate = new Gate();
    const events: string[] = [];
    const a = visit(gate, 'a', events);
    const b = visit(gate, 'b', events);
    let finishSwap = (): void => undefined;
    const swap = gate.exclusive(async () => {
      events.push('swap');
      await new Promise<void>((resolve) => (finishSwap = resolve));
      events.push('swapped');
    });
    await Promise.all([a.entered, b.entered]);
    a.leave();
    await a.done;
    expect(events).toEqual(['a in', 'b in', 'a out']);
    b.leave();
    await b.done;
    // The swap has begun before anybody else could enter.
    const c = visit(gate, 'c', events);
    expect(events.at(-1)).toBe('swap');
    finishSwap();
    await swap;
    await c.entered;
    c.leave();
    await c.done;
    expect(events).toEqual(['a in', 'b in', 'a out', 'b out', 'swap', 'swapped', 'c in', 'c out']);
  });

  it('lets a swap through an overlapping row of short requests', async () => {
    const gate = new Gate();
    const events: string[] = [];
    const a = visit(gate, 'a', events);
    await a.entered;
    const swap = gate.exclusive(async () => void events.push('swap'));
    const b = visit(gate, 'b', events);
    a.leave();
    await swap;
    await b.entered;
    b.leave();
    await b.done;
    expect(events).toEqual(['a in', 'a out', 'swap', 'b in', 'b out']);
  });

  it('keeps nobody waiting behind lasting work but the swap', async () => {
    const gate = new Gate();
    const events: string[] = [];
    const chat = visit(gate, 'chat', events, { lasting: true });
    await chat.entered;
    const swap = gate.exclusive(async () => void events.push('swap'));
    const a = visit(gate, 'a', events);
    await a.entered;
    chat.leave();
    await chat.done;
    const b = visit(gate, 'b', events);
    a.leave();
    await swap;
    await b.entered;
    b.leave();
    await b.done;
    expect(events).toEqual(['chat in', 'a in', 'chat out', 'a out', 'swap', 'b in', 'b out']);
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

/** A request that stays inside until it is told to leave. */
function visit(
  gate: Gate,
  name: string,
  events: string[],
  options: EntryOptions = {},
): { readonly entered: Promise<void>; readonly leave: () => void; readonly done: Promise<void> } {
  let enter = (): void => undefined;
  let leave = (): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const left = new Promise<void>((resolve) => (leave = resolve));
  const done = gate.shared(async () => {
    events.push(`${name} in`);
    enter();
    await left;
    events.push(`${name} out`);
  }, options);
  return { entered, leave: () => leave(), done };
}
