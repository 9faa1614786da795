/** What the model reads of one message: attachments as fenced blocks, then what the person wrote. */
import { redactSecrets } from '../../project/redactSecrets.ts';
import { isSecretPath } from '../../project/secretPaths.ts';
import type { ChatAttachment, ChatMessage } from '../../protocol/chat.ts';

export function messageText(message: ChatMessage): string {
  return attachmentsText(message) + message.content;
}

/** Empty without attachments. */
export function attachmentsText({ attachments = [] }: ChatMessage): string {
  return attachments.map(attachmentText).join('');
}

function attachmentText(attachment: ChatAttachment): string {
  const { name, languageId = '' } = attachment;
  const text = withoutSecrets(attachment);
  const fence = fenceFor(text);
  return `${name}:\n${fence}${languageId}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}\n\n`;
}

/** Secrets are never in a prompt, hence never in a session file. */
function withoutSecrets({ path, text }: ChatAttachment): string {
  if (path !== undefined && isSecretPath(path)) return '[left out: this file may hold secrets]';
  return redactSecrets(text, path).text;
}

/** Longer than any fence in the text. */
function fenceFor(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  return '`'.repeat(longest + 1);
}
