/** The platforms a package is made for, by VS Code's names, and those it is not made for, with the reason. */
import process from 'node:process';

export interface Target {
  /** VS Code's name. */
  readonly name: string;
  /** `process.platform` and `process.arch` where it runs. */
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly arch: 'x64' | 'arm64' | 'arm';
  /** What of `@node-llama-cpp/` goes in: CPU first, then GPU backends. CUDA's alone would be several times the rest. */
  readonly libraries: readonly string[];
  /** How its addon can be built on another machine; absent where only the system itself can. */
  readonly cross?: CrossCompiler;
}

export interface CrossCompiler {
  /** In native/cmake. */
  readonly toolchainFile: string;
  /** Any of these will do. */
  readonly compilers: readonly string[];
  readonly debianPackage: string;
}

/** A package that cannot be made, for a reason that a person can act on. */
export class CannotPackageError extends Error {
  readonly code: 'unknown-target' | 'refused-target' | 'no-compiler' | 'no-libraries';

  constructor(code: CannotPackageError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const crossCompilers = {
  'linux-arm64': {
    toolchainFile: 'linux-arm64.cmake',
    compilers: ['aarch64-linux-gnu-g++'],
    debianPackage: 'g++-aarch64-linux-gnu',
  },
  'linux-armhf': {
    toolchainFile: 'linux-armhf.cmake',
    compilers: ['arm-linux-gnueabihf-g++'],
    debianPackage: 'g++-arm-linux-gnueabihf',
  },
  'win32-x64': {
    toolchainFile: 'mingw-w64.cmake',
    compilers: ['x86_64-w64-mingw32-g++-posix', 'x86_64-w64-mingw32-g++'],
    debianPackage: 'g++-mingw-w64-x86-64',
  },
} as const;

/** Everything that node-llama-cpp ships libraries for and VS Code has a name for. */
export const targets: readonly Target[] = [
  target('linux', 'x64', ['linux-x64', 'linux-x64-vulkan']),
  target('linux', 'arm64', ['linux-arm64']),
  target('linux', 'arm', ['linux-armv7l'], 'linux-armhf'),
  target('darwin', 'x64', ['mac-x64']),
  target('darwin', 'arm64', ['mac-arm64-metal']),
  target('win32', 'x64', ['win-x64', 'win-x64-vulkan']),
  target('win32', 'arm64', ['win-arm64']),
];

const musl =
  "llama.cpp's prebuilt libraries are made for glibc, and Alpine Linux has musl. Use a container with Debian, Ubuntu or Fedora.";

export const refusedTargets: Readonly<Record<string, string>> = {
  'alpine-x64': musl,
  'alpine-arm64': musl,
  web: 'a browser runs no native code. Open the folder in a desktop VS Code, over SSH, in a container or in a codespace.',
};

function target(
  platform: Target['platform'],
  arch: Target['arch'],
  libraries: readonly string[],
  name = `${platform}-${arch}`,
): Target {
  const cross = (crossCompilers as Readonly<Record<string, CrossCompiler>>)[name];
  return { name, platform, arch, libraries, ...(cross && { cross }) };
}

/** Throws a {@link CannotPackageError} for a name that no package is made for. */
export function targetNamed(name: string): Target {
  const found = targets.find((one) => one.name === name);
  if (found !== undefined) return found;
  const reason = refusedTargets[name];
  if (reason !== undefined) {
    throw new CannotPackageError('refused-target', `There is no package for ${name}: ${reason}`);
  }
  const names = targets.map((one) => one.name).join(', ');
  throw new CannotPackageError('unknown-target', `No target ${name}; there are: ${names}, all`);
}

export function isHere({ platform, arch }: Target): boolean {
  return platform === process.platform && arch === process.arch;
}

/** The target that this machine is. */
export function hereTarget(): Target {
  return targets.find(isHere) ?? targetNamed(`${process.platform}-${process.arch}`);
}
