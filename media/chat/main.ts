import { assertNever } from '../../src/base/assertNever.ts';
import type {
  AnswerEntry,
  Conversation,
  ToWebview,
} from '../../src/extension/chat/chatProtocol.ts';
import './chat.css';
import { Composer } from './composer.ts';
import { element } from './dom.ts';
import { host, onHostMessage } from './host.ts';
import { StatusLine } from './statusLine.ts';
import { Transcript } from './transcript.ts';

/** The chat panel. It shows what the extension says and keeps only the draft. */
const announcer = element('div', { className: 'hidden', attributes: { role: 'status' } });
const statusLine = new StatusLine(() => host.postMessage({ kind: 'selectModel' }));
const transcript = new Transcript({
  copy: (text) => {
    host.postMessage({ kind: 'copy', text });
    announcer.textContent = 'Copied';
  },
  retry: () => host.postMessage({ kind: 'retry' }),
});
const composer = new Composer(
  {
    send: (text) => host.postMessage({ kind: 'send', text }),
    stop: () => host.postMessage({ kind: 'stop' }),
    draftChanged: (draft) => host.setState({ draft }),
  },
  host.getState()?.draft ?? '',
);

function receive(message: ToWebview): void {
  switch (message.kind) {
    case 'conversation':
      return showConversation(message.conversation);
    case 'entry':
      return showEntry(message.entry);
    case 'delta':
      return transcript.append(message.id, message.text);
    case 'status':
      return statusLine.show(message.status);
    default:
      return assertNever(message);
  }
}

function showConversation(conversation: Conversation): void {
  transcript.show(conversation);
  const last = conversation.entries.at(-1);
  composer.setAnswering(last?.kind === 'answer' && last.state === 'streaming');
}

function showEntry(entry: AnswerEntry): void {
  transcript.update(entry);
  composer.setAnswering(entry.state === 'streaming');
  announcer.textContent = entry.note ?? 'Answer complete';
}

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') host.postMessage({ kind: 'stop' });
});
window.addEventListener('focus', () => composer.focus());
document.getElementById('app')?.append(transcript.node, statusLine.node, composer.node, announcer);
onHostMessage(receive);
host.postMessage({ kind: 'ready' });
