import { describe, expect, it } from 'vitest';
import { defaultEngineSettings } from '../../src/protocol/settings.ts';
import {
  isLanguageOn,
  needsRestart,
  parseSettings,
  settingKeys,
} from '../../src/extension/settings.ts';
import { commandId, commandNames } from '../../src/extension/commandIds.ts';
import { manifest, type Setting } from './manifest.ts';

const none: Readonly<Record<string, Setting>> = {};

const defaults = parseSettings(() => undefined);

function parse(values: Readonly<Record<string, unknown>>): ReturnType<typeof parseSettings> {
  return parseSettings((key) => values[key]);
}

describe('settings', () => {
  it('are the defaults of the protocol when nothing is set', () => {
    expect(defaults.engine).toEqual(defaultEngineSettings);
    expect(defaults).toMatchObject({ modelPath: '', inline: { enabled: true, debounceMs: null } });
  });

  it('are read from their keys', () => {
    const settings = parse({
      'model.path': '/m.gguf',
      'model.kvType': 'q8_0',
      'cache.maxSizeMB': 1,
      'inline.enabled': false,
      'inline.debounceMs': 0,
    });
    expect(settings.modelPath).toBe('/m.gguf');
    expect(settings.engine).toMatchObject({ kvType: 'q8_0', cacheBudgetBytes: 1024 ** 2 });
    expect(settings.inline).toMatchObject({ enabled: false, debounceMs: 0 });
  });

  it.each([
    { 'model.threads': -1 },
    { 'model.contextTokens': 1.5 },
    { 'model.gpu': 'fast' },
    { 'cache.maxSizeMB': '2 GB' },
    { 'inline.languages': { python: 'no' } },
    { 'inline.enabled': null },
    { 'inline.trigger': 'never' },
    { 'inline.debounceMs': 'fast' },
    { 'inline.pauseOn': ['rain'] },
  ])('fall back to the default for %j', (values) => {
    expect(parse(values)).toEqual(defaults);
  });

  it('restart the engine only for what the engine is told', () => {
    expect(needsRestart(defaults, parse({ 'inline.debounceMs': 1 }))).toBe(false);
    expect(needsRestart(defaults, parse({ 'model.threads': 3 }))).toBe(true);
    expect(needsRestart(defaults, parse({ 'model.path': '/m.gguf' }))).toBe(true);
    expect(needsRestart(defaults, parse({}))).toBe(false);
  });

  it('switch languages by id, else by *', () => {
    const { inline } = parse({ 'inline.languages': { '*': false, python: true } });
    expect(isLanguageOn(inline, 'python')).toBe(true);
    expect(isLanguageOn(inline, 'typescript')).toBe(false);
    expect(isLanguageOn(defaults.inline, 'markdown')).toBe(false);
    expect(isLanguageOn({ ...inline, languages: {} }, 'go')).toBe(true);
  });
});

describe('package.json', () => {
  const { commands, configuration } = manifest.contributes;
  const properties = configuration.reduce((all, part) => ({ ...all, ...part.properties }), none);

  it('declares exactly the settings that are read, with the same defaults', () => {
    expect(Object.keys(properties).sort()).toEqual(
      settingKeys.map((key) => `warmfork.${key}`).sort(),
    );
    const declared = parseSettings((key) => properties[`warmfork.${key}`]?.default);
    expect(declared).toEqual(defaults);
  });

  it('describes every setting', () => {
    for (const property of Object.values(properties)) {
      const { description, markdownDescription } = property;
      expect(description ?? markdownDescription).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('declares exactly the commands that are registered', () => {
    const declared = commands.map((command) => command.command);
    expect(declared.sort()).toEqual(commandNames.map(commandId).sort());
    expect(new Set(commands.map((command) => command.category))).toEqual(new Set(['Warmfork']));
  });
});
