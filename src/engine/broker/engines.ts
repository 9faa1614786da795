/** What a connection needs of the engines of its process. */
import type { ContextChoice } from '../../protocol/project.ts';
import type { SaveResult } from '../../protocol/requests.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import type { EngineApi } from '../engineApi.ts';
import type { Runtime } from '../runtime.ts';

/** What a window hears. */
export interface EngineListener {
  readonly onStatus: (status: EngineStatus) => void;
  /** Sessions came, went or changed. */
  readonly onSessionsChange: () => void;
  readonly log: Runtime['log'];
  /** The process ends because a window wanted it; others start a new one. */
  readonly onEnding: () => void;
}

/** An engine as one window has it. */
export interface EngineSeat {
  readonly status: EngineStatus;
  /** Starts it again when it rests. Rejects when the process is ending. */
  engine(): Promise<EngineApi>;
  /** The engine unless it rests: for news that it would look up by itself when it starts. */
  readonly awake: EngineApi | undefined;
  /** Another choice of project context holds from now on, also when the engine starts again. */
  choose(choice: ContextChoice): void;
  /** Saves what is dirty and gives the seat up; once, however often it is asked. */
  leave(): Promise<SaveResult>;
}

export const nothingSaved: SaveResult = { saved: 0, bytes: 0 };
