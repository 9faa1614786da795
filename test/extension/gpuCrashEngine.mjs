// An engine whose graphics driver ends the process at the first decode; without it, it gets ready.
import process from 'node:process';
import { setImmediate } from 'node:timers';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
const persistence = { kind: 'none' };

connection.onRequest('initialize', ({ settings }) => {
  const isOff = settings.gpu === 'off';
  const variant = isOff ? 'cpu' : 'vulkan';
  const status = { state: 'loadingModel', variant, persistence };
  setImmediate(async () => {
    await connection.sendNotification('engine/status', status);
    if (isOff) await connection.sendNotification('engine/status', { ...status, state: 'ready' });
    else setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  });
  return { state: 'starting', persistence };
});
connection.onRequest('shutdown', () => ({ saved: 0, bytes: 0 }));
connection.onNotification('exit', () => process.exit(0));
connection.listen();
process.on('disconnect', () => process.exit(0));
