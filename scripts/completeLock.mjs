/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out.
 *
 * npm drops an optional package from the lock file when the registry at hand does not serve it, and `npm ci` then
 * refuses the file on every machine. Their names, versions and platforms are known, so they can be named
 * without having been fetched. Run it after `npm install some-package`; it prints what it added.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const operatingSystems = {
  android: 'android',
  darwin: 'darwin',
  mac: 'darwin',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
  win: 'win32',
  win32: 'win32',
  linux: 'linux',
};
const processors = ['arm64', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'ia32', 'x64'];

/** What the name of a platform package (`@scope/binding-linux-x64-gnu`) says about where it can be installed. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = words.map((word) => operatingSystems[word]).find(Boolean);
  const cpu = words.find((word) => processors.includes(word));
  if (!os || !cpu) throw new Error(`${name} is missing in the lock file and names no platform`);
  const libc = os === 'linux' && words.find((word) => /^(gnu|musl)/.test(word));
  const libcs = libc ? { libc: [libc.startsWith('musl') ? 'musl' : 'glibc'] } : {};
  return { cpu: [cpu], ...libcs, optional: true, os: [os] };
}

/** The places where Node would look for package `name` required from the package at `path`, nearest first. */
function lookupPlaces(path, name) {
  const folders = path.split('/node_modules/');
  const parents = folders.map((_, i) => `${folders.slice(0, i + 1).join('/node_modules/')}/`);
  return ['', ...(path === '' ? [] : parents)]
    .reverse()
    .map((parent) => `${parent}node_modules/${name}`);
}

/** `path → entry` of every optional package that the lock file asks for and does not hold. */
export function missingPackages(lock) {
  const missing = {};
  for (const [path, entry] of Object.entries(lock.packages))
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const found = lookupPlaces(path, name).some((place) => lock.packages[place]?.version);
      if (!found) missing[`node_modules/${name}`] = { version, ...platformOf(name) };
    }
  return missing;
}

function complete(file) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPackages(lock);
  const packages = Object.entries({ ...lock.packages, ...missing });
  packages.sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(
    file,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`,
  );
  for (const path of Object.keys(missing)) console.log(`added ${path}`);
}

if (process.argv[1] === import.meta.filename) {
  complete(join(import.meta.dirname, '..', 'package-lock.json'));
}
