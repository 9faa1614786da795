import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PauseWatch, type Machine } from '../../src/extension/inline/pauseWatch.ts';
import { linuxPowerSource } from '../../src/base/power.ts';
import { Snooze } from '../../src/extension/inline/snooze.ts';
import { ManualClock } from '../client/helpers.ts';

describe('Snooze', () => {
  it('ends by itself, or when it is told to, and says so each time', () => {
    const clock = new ManualClock();
    let changes = 0;
    const snooze = new Snooze(clock, () => changes++);
    snooze.start(5, new Date(2026, 0, 1, 15, 27));
    expect(snooze.state?.until).toMatch(/0?3:32|15:32/);
    clock.advance(5 * 60_000 - 1);
    expect(snooze.state).toBeDefined();
    clock.advance(1);
    expect(snooze.state).toBeUndefined();
    snooze.start(undefined);
    clock.advance(10 ** 9);
    expect(snooze.state).toEqual({ until: undefined });
    snooze.end();
    expect(snooze.state).toBeUndefined();
    expect(changes).toBe(4);
  });

  it('counts from the last time it was started', () => {
    const clock = new ManualClock();
    const snooze = new Snooze(clock, () => undefined);
    snooze.start(5);
    snooze.start(60);
    clock.advance(5 * 60_000);
    expect(snooze.state).toBeDefined();
    expect(clock.pending).toBe(1);
    snooze.dispose();
    expect(clock.pending).toBe(0);
  });
});

describe('linuxPowerSource', () => {
  const mains = { type: 'Mains', online: '1' };
  const battery = { type: 'Battery', status: 'Discharging' };
  it.each([
    ['on the battery', { AC: { ...mains, online: '0' }, BAT0: battery }, 'battery'],
    ['plugged in', { AC: mains, BAT0: { ...battery, status: 'Charging' } }, 'mains'],
    ['a mouse', { mouse: { ...battery, scope: 'Device' } }, undefined],
    ['no battery', {}, undefined],
  ])('%s', async (_, supplies, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'warmfork-power-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, attributes] of Object.entries(supplies)) {
      mkdirSync(join(folder, name));
      for (const [file, value] of Object.entries(attributes)) {
        writeFileSync(join(folder, name, file), `${value}\n`);
      }
    }
    expect(await linuxPowerSource(folder)).toBe(expected);
  });
});

describe('PauseWatch', () => {
  function watch(machine: Partial<Machine>): [PauseWatch, ManualClock] {
    const clock = new ManualClock();
    return [
      new PauseWatch(clock, { power: async () => undefined, load: () => 0, ...machine }),
      clock,
    ];
  }

  it('looks at the battery from time to time', async () => {
    let asked = 0;
    const [onBattery, clock] = watch({ power: async () => (asked++ === 0 ? 'battery' : 'mains') });
    await onBattery.measure();
    expect(onBattery.pausedBy(['battery'])).toBe('battery');
    expect(asked).toBe(1);
    clock.advance(30_000);
    await onBattery.measure();
    expect(onBattery.pausedBy(['battery'])).toBeUndefined();
  });

  it('pauses only for what it was told to', async () => {
    const [busy] = watch({ power: async () => 'battery', load: () => 3 });
    await busy.measure();
    expect(busy.pausedBy([])).toBeUndefined();
    expect(busy.pausedBy(['load'])).toBe('load');
    expect(busy.pausedBy(['load', 'battery'])).toBe('battery');
  });
});
