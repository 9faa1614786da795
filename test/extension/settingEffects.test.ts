/** Every setting: what a wrong value does, and how a change is put into effect. */
import { describe, expect, it } from 'vitest';
import {
  choosesOtherContext,
  needsRestart,
  parseSettings,
  settingEffects,
  type SettingKey,
  settingKeys,
  settingProblems,
} from '../../src/extension/settings.ts';
import { manifest, type Setting } from './manifest.ts';

const properties = manifest.contributes.configuration.reduce<Readonly<Record<string, Setting>>>(
  (all, part) => ({ ...all, ...part.properties }),
  {},
);

/** What package.json says of a setting. */
function declared(key: SettingKey): Setting {
  const property = properties[`warmfork.${key}`];
  if (property === undefined) throw new Error(`${key} is not in package.json`);
  return property;
}

/** Values that package.json does not allow. */
function wrongValues(key: SettingKey): unknown[] {
  const { type, minimum, maximum, enum: choices, items } = declared(key);
  const types = [type].flat();
  const wrong: unknown[] = [];
  if (!types.includes('null')) wrong.push(null);
  if (!types.includes('string')) wrong.push('some text');
  if (!types.includes('boolean')) wrong.push(true);
  if (!types.includes('object')) wrong.push({ a: 'b' });
  if (!types.includes('array')) wrong.push([1]);
  if (types.includes('integer')) wrong.push(1.5);
  if (types.includes('object')) wrong.push({ typescript: 'yes' });
  if (types.includes('array')) wrong.push([7]);
  if (items?.enum !== undefined) wrong.push(['no such thing']);
  if (choices !== undefined) wrong.push('no such thing');
  if (minimum !== undefined) wrong.push(minimum - 1);
  if (maximum !== undefined) wrong.push(maximum + 1);
  return wrong;
}

/** A value that is allowed and is not the default. */
function otherValue(key: SettingKey): unknown {
  const { default: standard, enum: choices, items, minimum = 0, maximum } = declared(key);
  if (choices !== undefined) return choices.find((choice) => choice !== standard);
  if (typeof standard === 'boolean') return !standard;
  if (Array.isArray(standard)) return [items?.enum?.[0] ?? '/src'];
  if (typeof standard === 'object' && standard !== null) return { '*': false };
  if (typeof standard === 'string') return 'other';
  return Math.min(Number(standard ?? minimum) + 1, maximum ?? Number.POSITIVE_INFINITY);
}

function withValue(key: SettingKey, value: unknown): (asked: string) => unknown {
  return (asked) => (asked === key ? value : undefined);
}

const defaults = parseSettings(() => undefined);

describe.each(settingKeys)('warmfork.%s', (key) => {
  it('with a wrong value is as if it were not set, and one line says so', () => {
    const wrong = wrongValues(key);
    expect(wrong.length).toBeGreaterThan(2);
    for (const value of wrong) {
      expect(parseSettings(withValue(key, value)), JSON.stringify(value)).toEqual(defaults);
      const problems = settingProblems(withValue(key, value));
      expect(problems, JSON.stringify(value)).toHaveLength(1);
      expect(problems[0]?.key).toBe(key);
      expect(problems[0]?.problem).toMatch(/does not fit, .+ is expected$/);
      expect(problems[0]?.problem).not.toContain('\n');
    }
  });

  it('with what package.json allows has no problem, and changes what it should', () => {
    const value = otherValue(key);
    expect(settingProblems(withValue(key, value))).toEqual([]);
    expect(settingProblems(withValue(key, declared(key).default))).toEqual([]);
    const after = parseSettings(withValue(key, value));
    expect(after, `${JSON.stringify(value)} changes nothing`).not.toEqual(defaults);
    const effect = settingEffects[key];
    expect(needsRestart(defaults, after)).toBe(effect === 'engineRestarted');
    expect(choosesOtherContext(defaults, after)).toBe(effect === 'engineTold');
  });
});
