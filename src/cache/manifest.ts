import { lstat, readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { CacheError } from './cacheError.ts';
import { isVanished, writeFileDurably } from './files.ts';
import type { RejectReason } from './rejectReason.ts';
import type { SessionName } from './sessionName.ts';

/** Raised when a manifest of an older version must not be read as one of this. */
export const manifestVersion = 1;
const maxManifestBytes = 128 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const duration = v.pipe(v.number(), v.finite(), v.minValue(0));
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));

const common = {
  version: v.literal(manifestVersion),
  fingerprint: id,
  /** The base itself, or the base an overlay stands on. */
  baseId: id,
  /** Tokens in the file; for an overlay those above the base. */
  tokens: count,
  tokensHash: v.string(),
  /** Exact length of the trimmed session file. */
  sizeBytes: count,
  /** Of the payload, in the writer's own form. */
  checksum: v.string(),
  engineVersion: v.string(),
  createdAt: duration,
  /** How long these tokens took to evaluate, in ms. */
  rebuildCostMs: duration,
  /** False while a writer has the file: then nothing above is to be believed before it was checked. */
  clean: v.boolean(),
  /** Key of the workspace, in full. */
  workspace: v.string(),
};

const manifestSchema = v.variant('kind', [
  v.object({
    kind: v.literal('base'),
    ...common,
    clean: v.literal(true),
    /** Only the first layers of a base that was being built. */
    unfinished: v.optional(v.literal(true)),
  }),
  v.object({ kind: v.literal('file'), uri: v.string(), ...common }),
  v.object({ kind: v.literal('chat'), chatId: v.string(), ...common }),
]);

/**
 * The small JSON file beside each session. When the session was last used is *not* in it: that is the
 * modification time of the manifest itself, so that noting a use never rewrites what another process wrote.
 */
export type Manifest = Readonly<v.InferOutput<typeof manifestSchema>>;

/** What reading a manifest can give. */
export type ManifestReading =
  | { readonly kind: 'manifest'; readonly manifest: Manifest; readonly usedAt: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'doubt'; readonly reason: RejectReason; readonly detail: string };

/** Reads and checks a manifest. Whatever is wrong with it is a result, not an exception. */
export async function readManifest(path: string): Promise<ManifestReading> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) return doubt('manifest-unreadable', 'not a regular file');
    if (stats.size > maxManifestBytes) return doubt('manifest-invalid', `${stats.size} bytes`);
    const reading = parseManifest(await readFile(path, 'utf8'));
    return 'reason' in reading
      ? reading
      : { kind: 'manifest', manifest: reading, usedAt: Math.round(stats.mtimeMs) };
  } catch (error) {
    if (isVanished(error)) return { kind: 'absent' };
    return doubt('manifest-unreadable', error instanceof Error ? error.message : String(error));
  }
}

/** Writes a manifest (0600, by rename) and notes `usedAt` as the last use of its session. */
export async function writeManifest(
  path: string,
  manifest: Manifest,
  usedAt: number,
): Promise<void> {
  await writeFileDurably(path, `${JSON.stringify(manifest, undefined, 2)}\n`, usedAt);
}

/** Checks a manifest before it is written; throws `ERR_WARMFORK_CACHE_ARGUMENT`. */
export function requireManifest(manifest: Manifest): Manifest {
  const result = v.safeParse(manifestSchema, manifest);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new CacheError(
    'ERR_WARMFORK_CACHE_ARGUMENT',
    `not a session's facts: ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`,
  );
}

/** The name of the session a manifest describes. */
export function nameInManifest(manifest: Manifest): SessionName {
  if (manifest.kind === 'file') return { kind: 'file', uri: manifest.uri };
  if (manifest.kind === 'chat') return { kind: 'chat', chatId: manifest.chatId };
  return { kind: 'base', baseId: manifest.baseId };
}

type Doubt = Extract<ManifestReading, { kind: 'doubt' }>;

function parseManifest(text: string): Manifest | Doubt {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return doubt('manifest-invalid', error instanceof Error ? error.message : String(error));
  }
  const result = v.safeParse(manifestSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  return doubt('manifest-invalid', `${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`);
}

function doubt(reason: RejectReason, detail: string): Doubt {
  return { kind: 'doubt', reason, detail };
}
