import type { ServerEndpoint, ServerSettings } from '../../src/protocol/servers.ts';
import { ServedEngine } from '../../src/engine/servers/servedEngine.ts';
import type { ServerClock } from '../../src/engine/servers/clock.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';
import type { Fixture } from '../engine/engineFixture.ts';

export function endpoint(url: string, change: Partial<ServerEndpoint> = {}): ServerEndpoint {
  return { url, kind: 'auto', model: '', fim: 'auto', ...change };
}

export const serverDefaults: ServerSettings = {
  fallBackToLocal: true,
  contextTokens: null,
  silenceMs: 20_000,
  caFile: '',
  allowKeyOverHttp: false,
  proxy: '',
  noProxy: [],
};

export interface Served {
  readonly engine: ServedEngine;
  readonly statuses: EngineStatus[];
  readonly logs: string[];
  /** The status as soon as it is as wanted. */
  readonly until: (isWanted: (status: EngineStatus) => boolean) => Promise<EngineStatus>;
}

export function serve(
  fixture: Fixture,
  settings: Partial<ServerSettings>,
  clock?: ServerClock,
): Served {
  const servers = { ...serverDefaults, ...settings };
  const statuses: EngineStatus[] = [];
  const logs: string[] = [];
  let listeners: (() => void)[] = [];
  const engine = new ServedEngine({ ...fixture.initializeParams(), servers }, servers, {
    onStatus: (status) => {
      statuses.push(status);
      for (const listener of listeners) listener();
    },
    log: (level, message) => logs.push(`${level} ${message}`),
    ...(clock && { clock }),
  });
  const until: Served['until'] = (isWanted) =>
    new Promise((resolve) => {
      const look = (): void => {
        const { status } = engine;
        if (!isWanted(status)) return;
        listeners = listeners.filter((listener) => listener !== look);
        resolve(status);
      };
      listeners.push(look);
      look();
    });
  return { engine, statuses, logs, until };
}
