import { DownloadError } from './downloadError.ts';

/** What a server's refusal means, and what to do. */
export function refusal(url: string, status: number): DownloadError {
  const { host } = new URL(url);
  const error = (sentence: string, passing = false): DownloadError =>
    new DownloadError('ERR_WARMFORK_REMOTE', sentence, { passing });
  if (status === 401 || status === 403) {
    return error(
      `${host} does not give this model away without an account (${status}): accept its license there and set HF_TOKEN, or load the file with a browser and choose it here.`,
    );
  }
  if (status === 404 || status === 400) {
    return error(`${host} has no such model or quantisation (${status}): check the reference.`);
  }
  if (status === 429) return error(`${host} asks to wait (429): try again later.`, true);
  if (status >= 500) return error(`${host} has a problem (${status}): try again later.`, true);
  return error(`${host} answered ${status}: check the reference.`);
}
