/** `npm run build`: the addon, the stand-in model and the bundles, each unless it is up to date. */
import { ensureBuilt } from './lib/build.ts';

await ensureBuilt();
