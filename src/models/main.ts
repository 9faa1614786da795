/** Entry point of the models process, started by the host with an IPC channel when somebody chooses a model. */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serve } from './server.ts';

if (process.send === undefined) {
  process.stderr.write(
    'The Warmfork models process is started by its host, over an IPC channel.\n',
  );
  process.exit(2);
}

serve(createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)));
// What a download has written so far is taken up the next time.
process.on('disconnect', () => process.exit(0));
