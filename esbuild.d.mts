import type { BuildOptions } from 'esbuild';

export interface BundleTarget {
  readonly outdir?: string;
  readonly production?: boolean;
}
export declare function bundleOptions(target?: BundleTarget): BuildOptions[];
export declare function bundle(target?: BundleTarget): Promise<void>;
