/** The licences of llama.cpp, ggml and what they contain, out of the pinned package's copy of their sources. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inRoot } from '../lib/paths.ts';
import { runOrThrow } from '../lib/processes.ts';
import type { Notice } from './notices.ts';

const folder = inRoot('node_modules/node-llama-cpp/llama');
const licenceFile = /^(LICENSE|licenses\/[^/]+|vendor\/.*\bLICEN[CS]E[^/]*)$/;

export async function llamaLicences(): Promise<Notice[]> {
  const { release } = JSON.parse(
    readFileSync(join(folder, 'binariesGithubRelease.json'), 'utf8'),
  ) as { release: string };
  const clone = mkdtempSync(join(tmpdir(), 'warmfork-llama-'));
  const git = (...args: string[]) => runOrThrow('git', ['-C', clone, ...args]);
  try {
    await git('clone', '--quiet', '--no-checkout', join(folder, 'gitRelease.bundle'), '.');
    const files = (await git('ls-tree', '-r', '--name-only', 'HEAD')).split('\n');
    return await Promise.all(
      files
        .filter((file) => licenceFile.test(file))
        .map(async (file) => notice(file, release, await git('show', `HEAD:${file}`))),
    );
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

function notice(file: string, release: string, text: string): Notice {
  return { name: nameOf(file), version: release, licence: kindOf(text), text };
}

/** `vendor/hash/xxhash/LICENSE` → `llama.cpp: hash/xxhash`. */
function nameOf(file: string): string {
  if (file === 'LICENSE') return 'llama.cpp and ggml';
  const part = file.startsWith('vendor/')
    ? dirname(file).slice('vendor/'.length)
    : file.replace('licenses/LICENSE-', '');
  return `llama.cpp: ${part}`;
}

function kindOf(text: string): string {
  if (/Permission is hereby granted, free of charge/.test(text)) return 'MIT';
  if (/Redistribution and use in source and binary forms/.test(text)) return 'BSD';
  return 'see below';
}
