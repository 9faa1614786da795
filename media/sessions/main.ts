import { assertNever } from '../../src/base/assertNever.ts';
import type {
  ShownButton,
  ShownCache,
  ToCachePanel,
} from '../../src/extension/sessions/shared/cacheProtocol.ts';
import { element } from '../chat/dom.ts';
import { host, onHostMessage } from './host.ts';
import './sessions.css';
import { stripView } from './strip.ts';
import { groupView } from './tables.ts';

/** The cache panel. It shows what the extension says and keeps nothing. */
const app = document.getElementById('app');

function receive(message: ToCachePanel): void {
  switch (message.kind) {
    case 'cache':
      return show(message.cache);
    case 'message':
      return replace(element('p', { text: message.text, attributes: { role: 'alert' } }));
    default:
      return assertNever(message);
  }
}

function show({ title, intro, strip, facts, groups, buttons }: ShownCache): void {
  const actions = {
    open: (id: number) => host.postMessage({ kind: 'open', id }),
    reveal: (id: number) => host.postMessage({ kind: 'reveal', id }),
  };
  const pairs = facts.flatMap(({ name, value }) => [
    element('dt', { text: name }),
    element('dd', { text: value }),
  ]);
  replace(
    element('h1', { text: title }),
    element('p', { className: 'muted', text: intro }),
    element('div', { className: 'buttons' }, ...buttons.map(buttonView)),
    stripView(strip),
    element('dl', {}, ...pairs),
    ...groups.map((group) => groupView(group, actions)),
  );
}

function buttonView({ action, label }: ShownButton, at: number): HTMLElement {
  const className = at === 0 ? 'primary' : 'secondary';
  const button = element('button', { className, text: label, attributes: { type: 'button' } });
  button.addEventListener('click', () => host.postMessage({ kind: 'action', action }));
  return button;
}

/** Whoever has the keyboard on a button keeps it: what shows is often made anew. */
function replace(...nodes: readonly Node[]): void {
  const buttons = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('button')];
  const focused = buttons().indexOf(document.activeElement as HTMLElement);
  const { scrollTop } = document.documentElement;
  app?.replaceChildren(...nodes);
  buttons()[focused]?.focus();
  document.documentElement.scrollTop = scrollTop;
}

onHostMessage(receive);
host.postMessage({ kind: 'ready' });
