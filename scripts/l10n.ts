/** Writes the list of texts that can be translated: `npm run l10n`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inRoot } from './lib/paths.ts';
import { bundlePath, bundleText, collectTexts } from './l10n/collect.ts';

const bundle = collectTexts();
mkdirSync(dirname(inRoot(bundlePath)), { recursive: true });
writeFileSync(inRoot(bundlePath), bundleText(bundle));
console.log(`${Object.keys(bundle).length} texts in ${bundlePath}`);
