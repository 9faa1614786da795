/** Everything package.json contributes, against the code and against itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { commandId, commandNames } from '../../src/extension/commandIds.ts';
import { slashCommands } from '../../src/extension/chat/shared/slashCommands.ts';
import { viewIds } from '../../src/extension/viewIds.ts';
import { manifest } from './manifest.ts';

const { contributes } = manifest;
const ids: readonly string[] = commandNames.map(commandId);
const source = sourceText(inRoot('src/extension'));

/** All strings anywhere below a value, with the name they stand under. */
function stringsIn(value: unknown, key = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    stringsIn(one, Array.isArray(value) ? key : name),
  );
}

function sourceText(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

describe('package.json', () => {
  it('declares exactly the views that are registered', () => {
    const declared = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
    expect(declared.sort()).toEqual(Object.values(viewIds).sort());
    for (const name of Object.keys(viewIds)) expect(source).toContain(`viewIds.${name}`);
  });

  it('names in its menus, key bindings and texts only commands that there are', () => {
    const { menus, keybindings } = contributes;
    const named = stringsIn([menus, keybindings]).filter(([key]) => key === 'command');
    expect(named.length).toBeGreaterThan(20);
    for (const [, id] of named) expect(ids).toContain(id);
    const links = stringsIn(contributes).flatMap(([, text]) => [
      ...text.matchAll(/command:(warmfork\.\w+(?:\.\w+)*)/gu),
    ]);
    const focus = Object.values(viewIds).map((id) => `${id}.focus`);
    for (const [, id] of links) expect([...ids, ...focus]).toContain(id);
  });

  it('names in its conditions only views that there are and contexts that the code sets', () => {
    const conditions = stringsIn(contributes)
      .filter(([key]) => key === 'when' || key === 'enablement')
      .map(([, text]) => text);
    const views = conditions.flatMap((text) => [...text.matchAll(/view == ([\w.]+)/gu)]);
    expect(views.length).toBeGreaterThan(5);
    for (const [, id] of views) expect(Object.values(viewIds)).toContain(id);
    const contexts = conditions.flatMap((text) => [
      ...text.replaceAll(/view == [\w.]+/gu, '').matchAll(/\bwarmfork\.[\w.]+/gu),
    ]);
    for (const [context] of contexts)
      expect(source, `${context} is set`).toMatch(new RegExp(`'${context}'`));
  });

  it('keeps out of the palette what needs something that was clicked on', () => {
    const hidden = (contributes.menus['commandPalette'] ?? []).filter(
      ({ when }) => when === 'false',
    );
    const inTree = (contributes.menus['view/item/context'] ?? []).map(({ command }) => command);
    expect(inTree.length).toBeGreaterThan(5);
    for (const id of inTree) expect(hidden.map(({ command }) => command)).toContain(id);
  });

  it('offers in menus of the tree what the words of its items say', () => {
    const looked = stringsIn(contributes.menus['view/item/context']).flatMap(([, text]) => [
      ...text.matchAll(/\\b\(?([\w|]+)\)?\\b/gu),
    ]);
    const words = new Set(looked.flatMap(([, choices = '']) => choices.split('|')));
    const said = ['base', 'file', 'chat', 'resident', 'mapped', 'onDisk'];
    expect(words.size).toBeGreaterThan(3);
    for (const word of words) expect([...said, 'unsaved', 'stored', 'exportable']).toContain(word);
  });

  it('has icons that VS Code has', () => {
    const css = readFileSync(inRoot('node_modules/@vscode/codicons/dist/codicon.css'), 'utf8');
    const icons = stringsIn(contributes)
      .filter(([key]) => key === 'icon')
      .flatMap(([, text]) => [...text.matchAll(/^\$\(([\w-]+)\)$/gu)]);
    expect(icons.length).toBeGreaterThan(10);
    for (const [, name] of icons) expect(css).toContain(`.codicon-${name}:before`);
  });

  it('declares exactly the slash commands of the participant', () => {
    const declared = contributes.chatParticipants.flatMap(({ commands }) => commands);
    expect(declared.map(({ name }) => name).sort()).toEqual(Object.keys(slashCommands).sort());
  });
});
