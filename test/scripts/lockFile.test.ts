import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { missingPackages, type LockFile } from '../../scripts/completeLock.mjs';
import { inRoot } from '../../scripts/lib/paths.ts';

describe('package-lock.json', () => {
  it('names every optional package: npm ci refuses a file that does not (npm run lock completes it)', () => {
    const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as LockFile;
    expect(Object.keys(missingPackages(lock))).toEqual([]);
  });
});

describe('missing optional packages', () => {
  it('are found wherever Node would look, and get the platform their name says', () => {
    const lock = {
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          optionalDependencies: { '@a/linux-x64': '1.0.0', '@a/win-arm64': '1.0.0' },
        },
        'node_modules/a/node_modules/b': {
          version: '2.0.0',
          optionalDependencies: { 'b-inner': '1.0.0', 'b-binding-linux-arm-musleabihf': '2.0.0' },
        },
        'node_modules/@a/linux-x64': { version: '1.0.0' },
        'node_modules/a/node_modules/b-inner': { version: '1.0.0' },
      },
    };
    expect(missingPackages(lock)).toEqual({
      'node_modules/@a/win-arm64': {
        version: '1.0.0',
        cpu: ['arm64'],
        optional: true,
        os: ['win32'],
      },
      'node_modules/b-binding-linux-arm-musleabihf': {
        version: '2.0.0',
        cpu: ['arm'],
        libc: ['musl'],
        optional: true,
        os: ['linux'],
      },
    });
  });
});
