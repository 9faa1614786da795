/** Which files a reference means. */
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { partNames } from '../files/modelParts.ts';
import { refusal } from './answers.ts';
import { DownloadError } from './downloadError.ts';
import type { Http } from './http.ts';
import type { Reference } from './reference.ts';

export interface RemoteFile {
  readonly url: string;
  /** Below the folder of downloads. */
  readonly fileName: string;
}

const manifestSchema = v.object({ ggufFile: v.object({ rfilename: v.string() }) });

/** In the order of the parts. Throws a `DownloadError`. */
export async function resolveReference(
  reference: Reference,
  endpoint: string,
  http: Http,
): Promise<readonly RemoteFile[]> {
  switch (reference.kind) {
    case 'url':
      return urlFiles(reference.url);
    case 'file':
      return hubFiles(endpoint, reference);
    case 'quantisation': {
      const { repository } = reference;
      const path = await quantisationFile(reference, endpoint, http);
      return hubFiles(endpoint, { repository, branch: 'main', path });
    }
  }
}

function urlFiles(address: string): RemoteFile[] {
  const url = new URL(address);
  const name = decodeURIComponent(basename(url.pathname));
  return partNames(name).map((part) => {
    const own = new URL(url);
    own.pathname = url.pathname.replace(/[^/]+$/, encodeURIComponent(part));
    return { url: own.href, fileName: join(asName(url.host), asName(part)) };
  });
}

interface HubFile {
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
}

/** The same file name is in many repositories. */
function hubFiles(endpoint: string, { repository, branch, path }: HubFile): RemoteFile[] {
  const folders = path.split('/').slice(0, -1);
  return partNames(basename(path)).map((part) => {
    const steps = [...folders, part].map(encodeURIComponent).join('/');
    return {
      url: `${endpoint}/${repository}/resolve/${encodeURIComponent(branch)}/${steps}`,
      fileName: join(asName(repository.replace('/', '_')), asName(part)),
    };
  });
}

async function quantisationFile(
  { repository, tag }: { readonly repository: string; readonly tag: string },
  endpoint: string,
  http: Http,
): Promise<string> {
  const url = `${endpoint}/v2/${repository}/manifests/${encodeURIComponent(tag)}`;
  const { response, close } = await http.send(url, { method: 'GET', why: 'which file it is' });
  try {
    if (!response.ok) throw refusal(url, response.status);
    const answer: unknown = await response.json().catch(() => undefined);
    const manifest = v.safeParse(manifestSchema, answer);
    if (!manifest.success || !isPath(manifest.output.ggufFile.rfilename)) throw noFile(url);
    return manifest.output.ggufFile.rfilename;
  } finally {
    close();
  }
}

/** What a server says never leads out of the folder of downloads. */
function isPath(path: string): boolean {
  return /\.gguf$/i.test(path) && !path.split(/[/\\]/).some((step) => step === '..' || step === '');
}

function noFile(url: string): DownloadError {
  const { host } = new URL(url);
  return new DownloadError(
    'ERR_WARMFORK_REMOTE',
    `${host} names no GGUF file for this reference: choose a repository with GGUF files.`,
  );
}

/** A name that every file system takes. */
function asName(text: string): string {
  return text.replace(/[^\w.+-]/g, '_').replace(/^\.+/, '_');
}
