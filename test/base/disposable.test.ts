import { describe, expect, it } from 'vitest';
import { DisposableStore, toDisposable } from '../../src/base/disposable.ts';

describe('DisposableStore', () => {
  it('disposes in reverse order, once', () => {
    const order: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add({ dispose: () => order.push(name) });
    store.dispose();
    store.dispose();
    expect(order).toEqual(['c', 'b', 'a']);
  });

  it('disposes at once what comes after its end', () => {
    const store = new DisposableStore();
    store.dispose();
    let isDisposed = false;
    store.add({ dispose: () => (isDisposed = true) });
    expect(isDisposed).toBe(true);
  });
});

it('toDisposable acts once', () => {
  let count = 0;
  const disposable = toDisposable(() => count++);
  disposable.dispose();
  disposable.dispose();
  expect(count).toBe(1);
});
