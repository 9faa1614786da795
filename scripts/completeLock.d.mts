export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}
export interface LockEntry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export declare function missingPackages(lock: LockFile): Record<string, object>;
