// A worker thread does not inherit the loader of its parent: this one loads TypeScript by itself.
import { tsImport } from 'tsx/esm/api';

await tsImport('./worker.ts', import.meta.url);
