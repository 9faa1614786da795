/** Entry point of the engine process, started by the host with an IPC channel. */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { Server } from './server.ts';

if (process.send === undefined) {
  process.stderr.write('The Warmfork engine is started by its host, over an IPC channel.\n');
  process.exit(2);
}

const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
const server = new Server(connection, () => process.exit(0));

// A host that is gone reads nothing: a broken pipe must not end the engine while it saves.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

// The host is gone, however it went: save, then end. The host's own signals do not cut that short.
const end = (): void => {
  server
    .close()
    .catch(() => undefined)
    .finally(() => process.exit(0));
};
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', () => undefined);
