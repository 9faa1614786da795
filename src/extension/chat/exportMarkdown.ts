import type { Attachment, ChatEntry } from './shared/chatEntry.ts';
import { currentBranch, type Conversation } from './conversation.ts';
import { splitThinking } from './shared/thinking.ts';

/** The present branch of a conversation as one Markdown document. */
export function exportMarkdown(conversation: Conversation): string {
  const parts = currentBranch(conversation).entries.map(entryMarkdown);
  return `# ${conversation.title}\n\n${parts.join('\n')}`;
}

function entryMarkdown(entry: ChatEntry): string {
  if (entry.kind === 'question') {
    const attachments = (entry.attachments ?? []).map(attachmentLine).join('');
    return `## You\n\n${entry.text}\n${attachments}`;
  }
  const { text } = splitThinking(entry.text, entry.thinking);
  const note = entry.note === undefined ? '' : `\n_${entry.note}_\n`;
  return `## Warmfork\n\n${text.trimEnd()}\n${note}`;
}

function attachmentLine({ name }: Attachment): string {
  return `\n- Attached: ${name}\n`;
}
