import type { ShownEntry } from '../../src/extension/chat/shared/chatProtocol.ts';
import { element, iconButton } from './dom.ts';

/** ‹ 2/3 › where an entry has more than one version; nothing else. */
export function versionSwitch({ version }: ShownEntry, step: (by: number) => void): Node[] {
  if (!version) return [];
  const { index, count } = version;
  const previous = iconButton('previous', 'Previous version', () => step(-1));
  const next = iconButton('next', 'Next version', () => step(1));
  previous.disabled = index === 0;
  next.disabled = index === count - 1;
  const label = `Version ${index + 1} of ${count}`;
  const words = element('span', {
    text: `${index + 1}/${count}`,
    attributes: { 'aria-label': label },
  });
  const attributes = { role: 'group', 'aria-label': 'Versions' };
  return [element('span', { className: 'versions', attributes }, previous, words, next)];
}
