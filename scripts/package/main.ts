/** `npm run package`. */
import { makePackage } from './package.ts';

await makePackage();
