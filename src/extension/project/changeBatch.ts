import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../client/clock.ts';
import type { ProjectChange } from '../../protocol/project.ts';

/** Changes come in bursts: a checkout writes thousands of files. They are sent when they rest this long, in ms. */
const settleMs = 500;
/** Beyond this many a batch only says that there was more. */
const maxUris = 500;

/** Gathers what the file watchers tell and sends it in batches. */
export class ChangeBatch implements Disposable {
  readonly #clock: Clock;
  readonly #send: (change: ProjectChange) => void;
  readonly #uris = new Set<string>();
  #incomplete = false;
  #timer: Disposable | undefined;

  constructor(clock: Clock, send: (change: ProjectChange) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(uri: string): void {
    if (!isWorthTelling(uri)) return;
    if (this.#uris.size < maxUris) this.#uris.add(uri);
    else this.#incomplete = true;
    this.#timer?.dispose();
    this.#timer = this.#clock.schedule(() => this.#flush(), settleMs);
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #flush(): void {
    const change = { uris: [...this.#uris], incomplete: this.#incomplete };
    this.#uris.clear();
    this.#incomplete = false;
    this.#send(change);
  }
}

/** Not what tools keep for themselves; of git only which commit is checked out. */
function isWorthTelling(uri: string): boolean {
  if (/\/\.git\/HEAD$/u.test(uri)) return true;
  return !/\/(?:\.git|\.hg|\.svn|\.jj|node_modules|__pycache__|\.venv|\.warmfork)(?:\/|$)/u.test(
    uri,
  );
}
