/** The addon for a target: built here, or cross-compiled where the compiler is there. */
import { spawnSync } from 'node:child_process';
import { buildNative } from '../build-native.ts';
import { addonPath, ensureBuilt, versionOf } from '../lib/build.ts';
import { ensureStep } from '../lib/upToDate.ts';
import { CannotPackageError, isHere, type CrossCompiler, type Target } from './targets.ts';

/** Path relative to the repository. Throws a {@link CannotPackageError} where this machine cannot build it. */
export async function ensureAddon(target: Target): Promise<string> {
  await ensureBuilt();
  return isHere(target) ? addonPath : crossBuild(target);
}

async function crossBuild({ name, cross }: Target): Promise<string> {
  if (cross === undefined || !hasCompiler(cross)) {
    throw new CannotPackageError('no-compiler', `${lacking(name, cross)} ${otherWays}`);
  }
  const addon = `build/native-${name}/warmfork.node`;
  await ensureStep({
    name: `build the addon for ${name}`,
    inputs: ['native', 'scripts/build-native.ts', 'scripts/native'],
    facts: ['node-llama-cpp', 'node-addon-api', 'node-api-headers'].map(versionOf),
    outputs: [addon],
    build: async () => {
      buildNative({ cross: { name, toolchainFile: cross.toolchainFile } });
    },
  });
  return addon;
}

const otherWays =
  'Run this command on such a machine, or take the package that the workflow "Packages" makes (.github/workflows/packages.yml).';

function lacking(name: string, cross: CrossCompiler | undefined): string {
  if (cross === undefined) return `The addon for ${name} cannot be cross-compiled.`;
  return `The addon for ${name} needs ${cross.compilers.at(-1)} (on Debian: package ${cross.debianPackage}), which was not found.`;
}

function hasCompiler({ compilers }: CrossCompiler): boolean {
  return compilers.some((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}
