/** Slash commands: a short word for a longer question. Shared with the panel. */

export const slashNames = ['explain', 'fix', 'tests', 'doc', 'commit'] as const;

export type SlashName = (typeof slashNames)[number];

interface SlashCommand {
  /** In the list that opens when `/` is typed. */
  readonly words: string;
  /** What the model reads. */
  readonly prompt: string;
  /** What goes with it when nothing was attached. */
  readonly attaches: 'selection' | 'selectionAndProblems' | 'changes';
}

export const slashCommands: Readonly<Record<SlashName, SlashCommand>> = {
  explain: {
    words: 'Explain the code',
    prompt: 'Explain what this code does, step by step, and what is surprising about it.',
    attaches: 'selection',
  },
  fix: {
    words: 'Fix what is wrong',
    prompt:
      'Find what is wrong with this code and fix it. Answer with the whole corrected code in one fenced block, then say what was wrong.',
    attaches: 'selectionAndProblems',
  },
  tests: {
    words: 'Write tests',
    prompt:
      'Write tests for this code in the style and with the test library of this project. Answer with one fenced block.',
    attaches: 'selection',
  },
  doc: {
    words: 'Write documentation comments',
    prompt:
      'Add documentation comments to this code in the style of its language. Answer with the whole code in one fenced block.',
    attaches: 'selection',
  },
  commit: {
    words: 'Write a commit message',
    prompt:
      'Write a commit message for these changes: one line of at most 72 characters in the imperative, then a blank line and what a reader needs to know.',
    attaches: 'changes',
  },
};

export interface ParsedQuestion {
  readonly text: string;
  readonly slash?: SlashName;
  /** What the model reads; absent when it is the text. */
  readonly prompt?: string;
}

/** `/fix the loop` → the prompt of `fix`, and what was typed behind it. Any other text is itself. */
export function parseQuestion(typed: string): ParsedQuestion {
  const text = typed.trim();
  const [, name = '', rest = ''] = /^\/(\w+)(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  if (!isSlashName(name)) return { text };
  const { prompt } = slashCommands[name];
  return { text, slash: name, prompt: rest === '' ? prompt : `${prompt}\n\n${rest}` };
}

function isSlashName(name: string): name is SlashName {
  return (slashNames as readonly string[]).includes(name);
}
