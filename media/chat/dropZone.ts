/** Files that are dropped on the panel, as uris. VS Code lets them through while Shift is held. */
export function acceptDrops(target: HTMLElement, onDrop: (uris: readonly string[]) => void): void {
  const setOver = (isOver: boolean): void => void target.classList.toggle('drop', isOver);
  target.addEventListener('dragover', (event) => {
    event.preventDefault();
    setOver(true);
  });
  target.addEventListener('dragleave', () => setOver(false));
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    setOver(false);
    const uris = urisOf(event.dataTransfer);
    if (uris.length > 0) onDrop(uris);
  });
}

function urisOf(data: DataTransfer | null): string[] {
  const list =
    data?.getData('application/vnd.code.uri-list') || data?.getData('text/uri-list') || '';
  return list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
}
