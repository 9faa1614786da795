/** What a person may call a model by. Pure. */
import { DownloadError } from './downloadError.ts';

export type Reference =
  /** A quantisation of a repository; without a tag the one that it names itself. */
  | { readonly kind: 'quantisation'; readonly repository: string; readonly tag: string }
  | {
      readonly kind: 'file';
      readonly repository: string;
      readonly branch: string;
      readonly path: string;
    }
  | { readonly kind: 'url'; readonly url: string };

const defaultEndpoint = 'https://huggingface.co';
const huggingFaceHosts = ['huggingface.co', 'hf.co'];

/** Where Hugging Face is; a mirror can be named in the environment, as for llama.cpp. Ends without a slash. */
export function huggingFaceEndpoint(env: Readonly<Record<string, string | undefined>>): string {
  const named = [env['MODEL_ENDPOINT'], env['HF_ENDPOINT']].find(
    (url) => url !== undefined && /^https?:\/\//.test(url),
  );
  return (named ?? defaultEndpoint).replace(/\/+$/, '');
}

/** Throws `ERR_WARMFORK_REFERENCE`. */
export function parseReference(text: string, endpoint: string): Reference {
  const trimmed = text.trim();
  const short = trimmed.replace(/^(hf|huggingface):(\/\/)?|^(hf\.co|huggingface\.co)\//i, '');
  if (/^https?:\/\//i.test(short)) return parseUrl(trimmed, endpoint);
  const [, repository, rest] = /^([\w.-]+\/[\w.-]+)(.*)$/.exec(short) ?? [];
  if (repository === undefined || rest === undefined || /^\.|\/\./.test(repository)) {
    throw invalid(trimmed);
  }
  if (rest === '' || rest.startsWith(':')) {
    return { kind: 'quantisation', repository, tag: rest.slice(1).trim() || 'latest' };
  }
  const [path = '', branch = 'main'] = rest.slice(1).split('#');
  return fileReference(trimmed, repository, branch, path);
}

function parseUrl(text: string, endpoint: string): Reference {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw invalid(text);
  const isHub = url.host === new URL(endpoint).host || huggingFaceHosts.includes(url.host);
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [user, name, kind, branch = '', ...path] = parts;
  if (isHub && user !== undefined && name !== undefined) {
    const repository = `${user}/${name}`;
    const isFile = /\.gguf$/i.test(name);
    if (kind === undefined && !isFile) return { kind: 'quantisation', repository, tag: 'latest' };
    if (kind !== undefined && ['resolve', 'blob', 'raw'].includes(kind)) {
      return fileReference(text, repository, branch, path.join('/'));
    }
  }
  if (!/\.gguf$/i.test(parts.at(-1) ?? '')) throw invalid(text);
  return { kind: 'url', url: url.href };
}

function fileReference(text: string, repository: string, branch: string, path: string): Reference {
  const isFile = /\.gguf$/i.test(path) && !path.split('/').includes('..') && branch !== '';
  if (!isFile) throw invalid(text);
  return { kind: 'file', repository, branch, path };
}

function invalid(text: string): DownloadError {
  return new DownloadError(
    'ERR_WARMFORK_REFERENCE',
    `"${text}" names no model: write user/repository:Q4_K_M, or the address of a .gguf file.`,
  );
}
