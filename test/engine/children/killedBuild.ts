/** An engine that is killed without warning when the whole new base is evaluated and about to be written. */
import { Engine } from '../../../src/engine/engine.ts';
import type { SessionIo } from '../../../src/engine/sessions/sessionIo.ts';
import type { InitializeParams } from '../../../src/protocol/settings.ts';

const params = JSON.parse(process.argv[2] ?? '') as InitializeParams;

const deadly = (io: SessionIo): SessionIo => ({
  ...io,
  writer: (path, scope, cells) => {
    if (scope === 'context') process.kill(process.pid, 'SIGKILL');
    return io.writer(path, scope, cells);
  },
});

const engine = new Engine(params, {
  onStatus: () => undefined,
  log: () => undefined,
  wrapMapped: deadly,
});
await engine.rebuildBase();
