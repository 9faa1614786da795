import { assertNever } from '../../src/base/assertNever.ts';
import type { AnswerEntry } from '../../src/extension/chat/shared/chatEntry.ts';
import type { ShownConversation, ToWebview } from '../../src/extension/chat/shared/chatProtocol.ts';
import './chat.css';
import { Composer } from './composer.ts';
import { ContextMeter } from './contextMeter.ts';
import { element, icon } from './dom.ts';
import { acceptDrops } from './dropZone.ts';
import { HistoryList } from './historyList.ts';
import { host, onHostMessage } from './host.ts';
import { StatusLine } from './statusLine.ts';
import { Transcript } from './transcript.ts';

/** The chat panel. It shows what the extension says and keeps only the draft. */
const announcer = element('div', { className: 'hidden', attributes: { role: 'status' } });
const privacy = element('p', { className: 'private' }, icon('lock'));
privacy.append('Private: nothing is written to the disk');
const statusLine = new StatusLine(() => host.postMessage({ kind: 'selectModel' }));
const meter = new ContextMeter();
const transcript = new Transcript({
  copy,
  retry: (id) => host.postMessage({ kind: 'retry', id }),
  branch: (id) => host.postMessage({ kind: 'branch', id }),
  edit: (id, text) => host.postMessage({ kind: 'edit', id, text }),
  switchVersion: (id, step) => host.postMessage({ kind: 'switchVersion', id, step }),
  onCode: (action, text, language) => {
    if (action === 'copy') copy(text);
    else if (action === 'newFile') host.postMessage({ kind: action, text, language });
    else host.postMessage({ kind: action, text });
  },
});
const composer = new Composer(
  {
    send: (text) => host.postMessage({ kind: 'send', text }),
    stop: () => host.postMessage({ kind: 'stop' }),
    attach: (what) => host.postMessage({ kind: 'attach', what }),
    detach: (id) => host.postMessage({ kind: 'detach', id }),
    draftChanged: (draft) => host.setState({ draft }),
  },
  host.getState()?.draft ?? '',
);
const history = new HistoryList({
  open: (id) => host.postMessage({ kind: 'open', id }),
  rename: (id, title) => host.postMessage({ kind: 'rename', id, title }),
  remove: (id) => host.postMessage({ kind: 'delete', id }),
  exportChat: (id) => host.postMessage({ kind: 'export', id }),
  closed: () => composer.focus(),
});

function copy(text: string): void {
  host.postMessage({ kind: 'copy', text });
  announcer.textContent = 'Copied';
}

function receive(message: ToWebview): void {
  switch (message.kind) {
    case 'conversation':
      return showConversation(message.conversation);
    case 'entry':
      return showEntry(message.entry);
    case 'delta':
      return transcript.append(message.id, message.text);
    case 'context':
      return meter.show(message.context);
    case 'attachments':
      return composer.showAttachments(message.attachments);
    case 'history':
      return history.show(message.items);
    case 'status':
      return statusLine.show(message.status);
    case 'compose':
      history.close();
      return composer.focus(message.slash);
    default:
      return assertNever(message);
  }
}

function showConversation(conversation: ShownConversation): void {
  transcript.show(conversation);
  privacy.hidden = !conversation.isPrivate;
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
window.addEventListener('focus', () => {
  if (!history.isOpen && document.activeElement === document.body) composer.focus();
});
const app = document.getElementById('app');
app?.append(
  privacy,
  transcript.node,
  history.node,
  statusLine.node,
  meter.node,
  composer.node,
  announcer,
);
if (app) acceptDrops(app, (uris) => host.postMessage({ kind: 'drop', uris }));
privacy.hidden = true;
meter.show(undefined);
onHostMessage(receive);
host.postMessage({ kind: 'ready' });
