/** What it costs to look at a project. */

export interface ScanCost {
  readonly ms: number;
  /** Of the whole process, all threads. */
  readonly processorMs: number;
  /** Files that were parsed. */
  readonly parsed: number;
  /** Files that were read. */
  readonly read: number;
  /** The longest time in which the thread that waits for it could do nothing else. */
  readonly pauseMs: number;
}

export interface ScanCosts {
  readonly nFiles: number;
  readonly first: ScanCost;
  /** Nothing changed. */
  readonly same: ScanCost;
  /** One file was edited, in a body. */
  readonly edited: ScanCost;
  /** By a new thread, which has what the one before wrote to its file. */
  readonly restarted: ScanCost;
  /** Of the process, above what it had before. */
  readonly peakMiB: number;
}
