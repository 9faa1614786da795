import assert from 'node:assert/strict';
import { probeKey, type HostProbe } from '../../../bench/host/startup.ts';
import { warmApi } from './helpers.ts';

/** All extensions wait for it: what it does is counted, not timed. */
describe('the start of the extension', () => {
  it('reads and writes no file synchronously, and loads few modules', async function () {
    await warmApi();
    const startup = (globalThis as { [probeKey]?: HostProbe })[probeKey]?.startup;
    if (startup === undefined) return this.skip(); // a host that was started without the probe
    const { syncCalls, modules } = startup;
    // Whether the folder of the shared engine is this user's, and which build of the engine is there.
    const functions = [...new Set(syncCalls.map((call) => call.split(' ')[0]))].sort();
    assert.deepEqual(functions, ['lstatSync', 'mkdirSync', 'statSync'], syncCalls.join('\n'));
    assert.ok(syncCalls.length <= 3, syncCalls.join('\n'));
    assert.ok(modules.length > 0 && modules.length <= 24, modules.join(' '));
  });
});
