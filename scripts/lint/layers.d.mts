import type { Linter } from 'eslint';

export declare const allowedImports: Readonly<Record<string, readonly string[]>>;
export declare const restrictedPackages: Readonly<Record<string, readonly string[]>>;
export declare function layerRules(rootPath: string): Linter.Config[];
