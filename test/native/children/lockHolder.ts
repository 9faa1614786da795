/** Holds a lock until it is killed. */
import { loadNative } from '../../../src/engine/native/loadNative.ts';

const lock = loadNative().FileLock.tryAcquire(process.argv[2] ?? '');
process.send?.(lock === undefined ? 'refused' : 'held');
setInterval(() => lock, 1 << 30);
