/** `npm run package`. */
import { statSync } from 'node:fs';
import { ensurePackage } from './package.ts';

const vsix = await ensurePackage();
console.log(`${vsix}  ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
