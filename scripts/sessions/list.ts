import { relative } from 'node:path';
import { formatBytes, formatCount } from '../../src/base/format.ts';
import { textTable } from '../../src/base/textTable.ts';
import { readManifest, type Manifest } from '../../src/cache/manifest.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { scanBytes, scanStore } from '../../src/cache/storeScan.ts';
import type { CommandInput, CommandResult } from './commandTypes.ts';

interface Listed {
  readonly path: string;
  readonly usedAt: number;
  readonly manifest: Manifest;
}

export async function listSessions({ root }: CommandInput): Promise<CommandResult> {
  const scan = await scanStore(root);
  const sessions: Listed[] = [];
  for (const { path } of scan.sessions) {
    const reading = await readManifest(manifestPath(path));
    if (reading.kind === 'manifest')
      sessions.push({
        path: relative(root, path),
        usedAt: reading.usedAt,
        manifest: reading.manifest,
      });
  }
  sessions.sort((a, b) => b.usedAt - a.usedAt);
  const bytes = scanBytes(scan);
  const summary = `${formatCount(sessions.length)} sessions, ${formatBytes(bytes)}, in ${root}`;
  const text = sessions.length > 0 ? `${tableOf(sessions)}\n\n${summary}` : summary;
  return { ok: true, text, data: { root, bytes, sessions } };
}

function tableOf(sessions: readonly Listed[]): string {
  return textTable<Listed>(
    [
      { title: 'Kind', value: ({ manifest }) => manifest.kind },
      { title: 'Session', value: ({ manifest }) => nameOf(manifest) },
      { title: 'Tokens', value: ({ manifest }) => formatCount(manifest.tokens), align: 'right' },
      { title: 'Size', value: ({ manifest }) => formatBytes(manifest.sizeBytes), align: 'right' },
      { title: 'Last used', value: ({ usedAt }) => new Date(usedAt).toISOString().slice(0, 19) },
      { title: 'State', value: ({ manifest }) => (manifest.clean ? 'clean' : 'being written') },
      { title: 'Workspace', value: ({ manifest }) => manifest.workspace.replaceAll('\n', ' ') },
      { title: 'File', value: ({ path }) => path },
    ],
    sessions,
  );
}

/** What a session is of. */
export function nameOf(manifest: Manifest): string {
  if (manifest.kind === 'base') return manifest.baseId.slice(0, 8);
  return manifest.kind === 'file' ? manifest.uri : manifest.chatId;
}
