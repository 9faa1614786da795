import { formatBytes, formatCount } from '../../src/base/format.ts';
import type { Manifest } from '../../src/cache/manifest.ts';
import type { CommandInput, CommandResult } from './commandTypes.ts';
import { nameOf } from './list.ts';
import {
  findDisagreements,
  findFile,
  manifestBeside,
  readHeader,
  type SessionHeader,
} from './sessionFile.ts';

export async function showSession(input: CommandInput): Promise<CommandResult> {
  const path = await findFile(input.parameters[0] ?? '', input.root, input.directory);
  const header = await readHeader(path);
  const manifest = await manifestBeside(path);
  const problems = manifest === undefined ? [] : await findDisagreements(path, header, manifest);
  const lines = [...headerLines(path, header), ...manifestLines(manifest)];
  const verdict = manifest === undefined ? 'not compared: there is no manifest' : 'valid';
  lines.push(line('verdict', problems.length > 0 ? problems.join('; ') : verdict));
  return {
    ok: problems.length === 0,
    text: lines.join('\n'),
    data: { path, header, manifest, problems },
  };
}

function headerLines(path: string, header: SessionHeader): readonly string[] {
  const { layout, version, tokens, tokensHash, fileBytes, payloadBytes } = header;
  const perToken = tokens > 0 ? `, ${formatBytes(Math.round(payloadBytes / tokens))} a token` : '';
  return [
    line('file', path),
    line('layout', `${layout}, format version ${version}`),
    line('size', `${formatCount(fileBytes)} bytes (${formatBytes(fileBytes)}${perToken})`),
    line('tokens', `${formatCount(tokens)}, hash ${tokensHash}`),
  ];
}

function manifestLines(manifest: Manifest | undefined): readonly string[] {
  if (manifest === undefined) return [];
  const { kind, workspace, baseId, fingerprint, checksum, createdAt, rebuildCostMs } = manifest;
  return [
    line('session', `${kind} ${nameOf(manifest)}`),
    line('workspace', workspace.replaceAll('\n', ' ')),
    line('base', kind === 'base' ? baseId : `${baseId}, needed to use this one`),
    line('fingerprint', fingerprint),
    line('checksum', checksum),
    line('created', `${new Date(createdAt).toISOString()}, by Warmfork ${manifest.engineVersion}`),
    line('cost', `${formatCount(Math.round(rebuildCostMs))} ms of evaluation`),
    line('clean', String(manifest.clean)),
  ];
}

function line(name: string, value: string): string {
  return `${name.padEnd(12)} ${value}`;
}
