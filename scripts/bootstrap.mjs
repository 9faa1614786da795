/**
 * What `npm start` and `npm test` do before anything else, with Node's built-ins only: a fresh clone has no
 * node_modules. Installs what package-lock.json names, then runs a TypeScript program under the same Node.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const oldestNode = [20, 17];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  console.error(`Node ${oldestNode.join('.')} or newer is needed; this is ${process.version}.`);
  process.exit(1);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined; // Absent or torn: the same as not installed.
  }
}

/** True when node_modules holds every package that the lock file asks for, in that version. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional && !present[path]),
  );
}

/** Resolves to the exit code; a signal counts as failure. The child shares the terminal, so Ctrl+C reaches it too. */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command === 'npm';
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      shell,
      env: { ...process.env, ...env },
    });
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', () => {}); // The child ends on it by itself and tells how it went.
    process.on('SIGTERM', pass);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

async function install() {
  if (isInstalled()) return;
  const start = Date.now();
  console.log('→ npm ci (packages of package-lock.json)');
  // No package needs its install script here: the libraries come prebuilt, and nothing else is to be downloaded.
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  const code = await run('npm', args, { NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' });
  if (code !== 0) {
    console.error(`npm ci failed with exit code ${code}.`);
    process.exit(code);
  }
  console.log(`✓ npm ci  ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/**
 * Runs TypeScript programs (paths relative to the root) one after the other, the last one with the arguments of this
 * process; ends the process with the exit code of the first that fails.
 */
export async function bootstrap(programs, args) {
  checkNode();
  await install();
  for (const program of programs) {
    const given = program === programs.at(-1) ? args : [];
    const code = await run(process.execPath, ['--import', 'tsx', program, ...given]);
    if (code !== 0) process.exit(code);
  }
}

// node scripts/bootstrap.mjs PROGRAM... -- [ARGUMENT...]
if (process.argv[1] === import.meta.filename) {
  const given = process.argv.slice(2);
  const end = given.indexOf('--');
  await bootstrap(given.slice(0, end), given.slice(end + 1));
}
