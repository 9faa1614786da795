/**
 * Entry point of the engine process. Started by a host with an IPC channel; with `--shared` and a JSON of
 * {@link StartBrokerOptions} for all windows that look for it there, else for its host alone.
 */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { SharedEngines } from './broker/sharedEngines.ts';
import { startBroker, type StartBrokerOptions } from './broker/startBroker.ts';
import { Server } from './server.ts';

if (process.send === undefined) {
  process.stderr.write('The Warmfork engine is started by its host, over an IPC channel.\n');
  process.exit(2);
}

// A host that is gone reads nothing: a broken pipe must not end the engine while it saves.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.on('SIGINT', () => undefined); // the host's own signals do not cut saving short

const [mode, options] = process.argv.slice(2);
if (mode === '--shared') await serveAll(JSON.parse(options ?? '') as StartBrokerOptions);
else serveOne();

/** The host is gone, however it went: save, then end. */
function serveOne(): void {
  const engines = new SharedEngines({ lingerMs: 0 });
  const exit = (): never => process.exit(0);
  const connection = createMessageConnection(
    new IPCMessageReader(process),
    new IPCMessageWriter(process),
  );
  const server = new Server(connection, engines, {
    onLeft: () => void engines.end().finally(exit),
    onEnd: exit,
  });
  const end = (): void =>
    void server
      .leave()
      .then(() => engines.end())
      .finally(exit);
  process.on('disconnect', end);
  process.on('SIGTERM', end);
}

async function serveAll(options: StartBrokerOptions): Promise<void> {
  const broker = await startBroker(options);
  if (broker !== undefined) process.on('SIGTERM', () => void broker.end());
  process.send?.('ready', () => {
    if (broker === undefined) process.exit(0); // another process is it
    process.disconnect();
  });
}
