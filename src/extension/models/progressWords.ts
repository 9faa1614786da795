import { formatGiB } from '../../base/format.ts';
import type { DownloadProgress } from '../../protocol/models.ts';
import { localize } from '../localize.ts';

/** How far a download is, in words. */
export function progressWords(progress: DownloadProgress): string {
  switch (progress.kind) {
    case 'connecting':
      return localize('asking where it is…');
    case 'checking':
      return localize('checking…');
    case 'retrying':
      return localize('{0}, the connection was lost, trying again…', amount(progress));
    case 'downloading':
      return [amount(progress), ...speed(progress)].join(' · ');
  }
}

/** Whole percent; undefined when the size is not known. */
export function percentOf({ doneBytes, totalBytes }: DownloadProgress): number | undefined {
  return totalBytes ? Math.floor((100 * doneBytes) / totalBytes) : undefined;
}

function amount({ doneBytes, totalBytes }: DownloadProgress): string {
  const done = formatGiB(doneBytes);
  return totalBytes === undefined ? done : localize('{0} of {1}', done, formatGiB(totalBytes));
}

function speed({ bytesPerSecond, doneBytes, totalBytes }: DownloadProgress): string[] {
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return [];
  const rate = localize('{0}/s', formatGiB(bytesPerSecond));
  if (totalBytes === undefined) return [rate];
  const minutes = Math.ceil((totalBytes - doneBytes) / bytesPerSecond / 60);
  return [rate, minutes <= 1 ? localize('less than a minute') : localize('{0} minutes', minutes)];
}
