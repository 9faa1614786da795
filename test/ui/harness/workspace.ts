import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../../../scripts/lib/paths.ts';

/** A fresh folder under the system's temporary folder. */
export function temporaryFolder(name: string): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `warmfork-${name}-`)));
}

/** No widget in the way of ghost text; sessions and files are written only when the test says so. */
export const editorSettings = {
  'workbench.reduceMotion': 'on',
  'files.autoSave': 'off',
  'files.hotExit': 'off',
  'editor.inlineSuggest.enabled': true,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.acceptSuggestionOnEnter': 'off',
  // Small, so that a machine without a GPU evaluates it in seconds.
  'warmfork.base.maxTokens': 768,
  // The stand-in model seldom ends by itself.
  'warmfork.chat.maxAnswerTokens': 24,
};

/** The file the tests type into: unfinished, so that there is something to complete. */
export const editedFile = 'src/greeting.ts';

const greeting = `import { defaultEngineSettings } from './protocol/settings.ts';

export interface Greeting {
  readonly name: string;
  readonly tokens: number;
}

export function greet(greeting: Greeting): string {
  return \`\${greeting.name}: \${greeting.tokens} of \${defaultEngineSettings.baseTokens}\`;
}
`;

/** A real small TypeScript project: some of our own files, with manifest, README and one file to edit. */
export function makeWorkspace(folder: string): string {
  mkdirSync(join(folder, 'src'), { recursive: true });
  for (const part of ['src/base', 'src/protocol']) {
    cpSync(inRoot(part), join(folder, part), { recursive: true });
  }
  cpSync(inRoot('tsconfig.json'), join(folder, 'tsconfig.json'));
  writeFileSync(join(folder, editedFile), greeting);
  writeFileSync(join(folder, 'README.md'), '# Greetings\n\nSays hello to everyone who asks.\n');
  const manifest = { name: 'greetings', version: '1.0.0', type: 'module', private: true };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  return folder;
}
