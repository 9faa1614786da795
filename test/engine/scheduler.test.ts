import { describe, expect, it } from 'vitest';
import { Scheduler, TurnQueue, type Priority } from '../../src/engine/inference/scheduler.ts';

/** A piece of work that ends when the test says so. */
function held(): { readonly work: () => Promise<string>; readonly end: (value: string) => void } {
  let end: (value: string) => void = () => undefined;
  const promise = new Promise<string>((resolve) => (end = resolve));
  return { work: () => promise, end: (value) => end(value) };
}

describe('Scheduler', () => {
  it('runs the most urgent first and keeps the order within a priority', async () => {
    const scheduler = new Scheduler(() => undefined);
    const order: string[] = [];
    const first = held();
    const running = scheduler.turn({ priority: 'base' }, first.work);
    const add = (priority: Priority, name: string): Promise<number> =>
      scheduler.turn({ priority }, async () => order.push(name));
    const others = [
      add('base', 'base'),
      add('chat', 'chat 1'),
      add('upkeep', 'upkeep'),
      add('inlineElsewhere', 'inline of another window'),
      add('inline', 'inline'),
      add('chat', 'chat 2'),
    ];
    first.end('done');
    await Promise.all([running, ...others]);
    expect(order).toEqual([
      'inline',
      'inline of another window',
      'chat 1',
      'chat 2',
      'upkeep',
      'base',
    ]);
  });

  it('interrupts less urgent work that can be interrupted, and no other', async () => {
    let interrupts = 0;
    const scheduler = new Scheduler(() => interrupts++);
    const steady = held();
    const running = scheduler.turn({ priority: 'base' }, steady.work);
    const inline = scheduler.turn({ priority: 'inline' }, async () => 'inline');
    expect(interrupts).toBe(0);
    steady.end('');
    await Promise.all([running, inline]);

    const prefill = held();
    const options = { priority: 'base', interruptible: true } as const;
    const interruptible = scheduler.turn(options, prefill.work);
    const upkeep = scheduler.turn({ priority: 'base' }, async () => 'equal');
    expect(interrupts).toBe(0);
    const urgent = scheduler.turn({ priority: 'inline' }, async () => 'inline');
    expect(interrupts).toBe(1);
    prefill.end('aborted');
    expect(await Promise.all([interruptible, upkeep, urgent])).toEqual([
      'aborted',
      'equal',
      'inline',
    ]);
  });

  it('takes turns with the other engines of its process, each interrupting its own decode', async () => {
    const interrupted: string[] = [];
    const queue = new TurnQueue();
    const one = new Scheduler(() => interrupted.push('one'), queue);
    const other = new Scheduler(() => interrupted.push('other'), queue);
    const order: string[] = [];
    const building = held();
    const options = { priority: 'base', interruptible: true } as const;
    const base = one.turn(options, building.work);
    const later = one.turn({ priority: 'chat' }, async () => order.push('chat of one'));
    const sooner = other.turn({ priority: 'inline' }, async () => order.push('inline of other'));
    expect(interrupted).toEqual(['one', 'one']);
    expect(order).toEqual([]);
    building.end('aborted');
    await Promise.all([base, later, sooner]);
    expect(order).toEqual(['inline of other', 'chat of one']);
  });

  it('begins no turn of the base between the turns of what somebody waits for', async () => {
    const scheduler = new Scheduler(() => undefined);
    const order: string[] = [];
    const step = (name: string) =>
      scheduler.turn({ priority: 'inline' }, async () => order.push(name));
    const answer = scheduler.withoutBase(async () => {
      await step('first token');
      await new Promise((resolve) => setImmediate(resolve)); // between two turns
      await step('second token');
    });
    const base = scheduler.turn({ priority: 'base' }, async () => order.push('base'));
    const upkeep = scheduler.turn({ priority: 'upkeep' }, async () => order.push('upkeep'));
    await Promise.all([answer, base, upkeep]);
    expect(order.indexOf('base')).toBe(3);
    expect(order.indexOf('second token')).toBeLessThan(3);
  });

  it('takes cancelled work off the queue, and interrupts it while it runs', async () => {
    let interrupts = 0;
    const scheduler = new Scheduler(() => interrupts++);
    const controller = new AbortController();
    const work = held();
    const running = scheduler.turn(
      { priority: 'chat', signal: controller.signal, interruptible: true },
      work.work,
    );
    let ran = false;
    const waiting = scheduler.turn({ priority: 'chat', signal: controller.signal }, async () => {
      ran = true;
    });
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    expect(interrupts).toBe(1);
    work.end('what it has');
    expect(await running).toBe('what it has');
    expect(ran).toBe(false);
    const late = scheduler.turn({ priority: 'chat', signal: controller.signal }, work.work);
    await expect(late).rejects.toThrow('cancelled');
  });

  it('goes on after work that fails', async () => {
    const scheduler = new Scheduler(() => undefined);
    const failing = scheduler.turn({ priority: 'inline' }, () => Promise.reject(new Error('no')));
    const next = scheduler.turn({ priority: 'inline' }, async () => 'next');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
