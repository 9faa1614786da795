/** Starts who takes part. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/lib/paths.ts';
import { EngineSupervisor } from '../../src/client/engineSupervisor.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import { defaultEngineSettings, type InitializeParams } from '../../src/protocol/settings.ts';
import { llamaServerPath } from '../lib/llamaServerPath.ts';
import { LlamaServerPlayer } from './llamaServer.ts';
import type { PeerKind, TypingOptions } from './options.ts';
import type { Player } from './player.ts';
import { referencePeer } from './report.ts';
import { WarmforkPlayer } from './warmfork.ts';

/** As large as the engine's own, so that attention is over as many cells. */
const contextTokens = 16_384;

/** Resolves when the base is in place. */
export async function startWarmfork(options: TypingOptions): Promise<Player> {
  const storage = await mkdtemp(join(tmpdir(), 'warmfork-typing-'));
  const engine = new EngineSupervisor({
    engineModule: inRoot('dist/engine.mjs'),
    initializeParams: () => initializeParams(options, storage),
  });
  const close = async (): Promise<void> => {
    await engine.shutdown({ timeoutMs: 10_000 });
    await rm(storage, { recursive: true, force: true });
  };
  engine.start();
  const status = await engine.whenWarm();
  if (status.state !== 'failed')
    return new WarmforkPlayer({ engine, pace: options.pace, maxTokens: options.predict, close });
  await close();
  throw new Error(`the engine did not start: ${status.message ?? 'no reason given'}`);
}

export async function startPeers(options: TypingOptions): Promise<Player[]> {
  if (options.peers.length === 0) return [];
  const program = await llamaServerPath();
  const { model, threads } = options;
  const common = { program, model, threads, contextTokens, kvType: 'f16' } as const;
  const peers: Player[] = [];
  for (const kind of options.peers) {
    const [name, suffixFirst] = [peerNames[kind], kind === 'spm'];
    const maxTokens = options.predict;
    peers.push(await LlamaServerPlayer.start({ ...common, name, maxTokens, suffixFirst }));
  }
  return peers;
}

const peerNames: Readonly<Record<PeerKind, string>> = {
  psm: referencePeer,
  spm: '/infill --spm-infill',
};

function initializeParams(options: TypingOptions, storage: string): InitializeParams {
  const { workspace, model, baseTokens, threads } = options;
  const uri = pathToFileURL(workspace).href;
  const name = basename(workspace);
  return {
    protocolVersion,
    extensionVersion: 'bench',
    workspace: { key: uri, name, folders: [{ name, path: workspace, uri }], filesExclude: [] },
    storagePath: storage,
    modelPath: model,
    settings: { ...defaultEngineSettings, contextTokens, baseTokens, threads, gpu: 'off' },
  };
}
