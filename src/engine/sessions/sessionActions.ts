/** What a person can do with one session, and with all of them at once. */
import { rm } from 'node:fs/promises';
import { assertNever } from '../../base/assertNever.ts';
import type { RemoveResult, SaveResult } from '../../protocol/requests.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type {
  CacheLedger,
  ExportedSession,
  ExportSessionParams,
  SessionRef,
  SessionVerdict,
} from '../../protocol/sessions.ts';
import type { SessionInfo } from '../../protocol/status.ts';
import type { Chats } from '../chat/chats.ts';
import { EngineError } from '../errors.ts';
import { cacheLedger, projectsFolder } from './cacheLedger.ts';
import { exportSession, overlayName } from './exportSession.ts';
import { listSessions, sessionId, type SessionsInMemory } from './listSessions.ts';
import { findProblem } from './verifySessions.ts';

export interface SessionActionsOptions {
  /** As things are now. */
  readonly memory: () => SessionsInMemory;
  readonly chats: Chats;
  readonly params: InitializeParams;
  /** Removes what is kept of the files of this project, also what is being written. */
  readonly forgetProject: () => Promise<void>;
}

const nothing: RemoveResult = { removed: 0, bytes: 0 };

export class SessionActions {
  readonly #memory: () => SessionsInMemory;
  readonly #chats: Chats;
  readonly #params: InitializeParams;
  readonly #forgetProject: () => Promise<void>;

  constructor({ memory, chats, params, forgetProject }: SessionActionsOptions) {
    this.#memory = memory;
    this.#chats = chats;
    this.#params = params;
    this.#forgetProject = forgetProject;
  }

  list(): Promise<readonly SessionInfo[]> {
    return listSessions(this.#memory());
  }

  ledger(): Promise<CacheLedger> {
    return cacheLedger(this.#memory(), this.#params);
  }

  /** Makes its file what is in memory. A base is in its file from the moment it serves, or cannot be. */
  async save({ kind, id }: SessionRef): Promise<SaveResult> {
    if (kind === 'base') return { saved: 0, bytes: 0 };
    return this.#memory().overlays.save(overlayName(kind, id));
  }

  /** Saves it and gives its cells back; it returns from its file when it is used again. */
  async detach({ kind, id }: SessionRef): Promise<SaveResult> {
    switch (kind) {
      case 'base':
        throw refused('The base session serves every request; it cannot be detached.');
      case 'file':
        return this.#memory().overlays.close({ kind, uri: id });
      case 'chat':
        return this.#chats.close(id);
      default:
        return assertNever(kind);
    }
  }

  /** Removes it, in memory and on disk. A base that serves goes on serving, from memory. */
  async discard(ref: SessionRef): Promise<RemoveResult> {
    const { overlays, runtime } = this.#memory();
    const { kind, id } = ref;
    const bytes = await this.#bytesOf(ref);
    if (kind === 'chat') return withBytes(await this.#chats.discard(id), bytes);
    const name = kind === 'base' ? ({ kind, baseId: id } as const) : overlayName(kind, id);
    if (name.kind !== 'base') await overlays.drop(name);
    const isRemoved = await runtime.persistence?.store.remove(name);
    return isRemoved === true ? { removed: 1, bytes } : nothing;
  }

  /** Reads its file to the end. */
  async verify(ref: SessionRef): Promise<SessionVerdict> {
    const { persistence } = this.#memory().runtime;
    const entries = (await persistence?.store.list()) ?? [];
    const entry = entries.find(({ manifest }) => isOf(ref, manifest.kind, sessionId(manifest)));
    if (persistence === undefined || entry === undefined)
      throw refused('This session has no file to verify: save it first.');
    const problem = await findProblem(persistence.io, entry);
    return problem === undefined ? {} : { problem };
  }

  export(params: ExportSessionParams): Promise<ExportedSession> {
    return exportSession(this.#memory(), params);
  }

  /**
   * Removes everything the ledger lists but what is none of ours: the sessions of all workspaces and models, and what was
   * found out about projects. What is in memory stays and goes on serving; what other windows use, they write again.
   */
  async removeAll(): Promise<RemoveResult> {
    const { runtime } = this.#memory();
    const removed = (await runtime.persistence?.store.clearAll()) ?? nothing;
    await this.#forgetProject();
    await rm(projectsFolder(this.#params), { recursive: true, force: true });
    return removed;
  }

  async #bytesOf(ref: SessionRef): Promise<number> {
    const sessions = await this.list();
    return sessions.find(({ kind, id }) => isOf(ref, kind, id))?.sizeBytes ?? 0;
  }
}

function isOf(ref: SessionRef, kind: SessionRef['kind'], id: string): boolean {
  return ref.kind === kind && ref.id === id;
}

function withBytes(result: RemoveResult, bytes: number): RemoveResult {
  return result.removed > 0 ? { ...result, bytes } : result;
}

function refused(message: string): EngineError {
  return new EngineError('ERR_WARMFORK_SESSION', message);
}
