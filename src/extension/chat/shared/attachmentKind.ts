/** What can go with a question; typed as `@name`. Shared with the panel. */
export const attachmentKinds = ['file', 'selection', 'problems', 'symbol', 'terminal'] as const;

export type AttachmentKind = (typeof attachmentKinds)[number];

export const attachmentWords: Readonly<Record<AttachmentKind, string>> = {
  file: 'A file of the workspace',
  selection: 'What is selected in the editor',
  problems: 'Errors and warnings of the open file',
  symbol: 'A function or class of the open file',
  terminal: 'The last command of the terminal and its output',
};
