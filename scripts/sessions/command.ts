import { parseArgs } from 'node:util';
import { CacheError } from '../../src/cache/cacheError.ts';
import { checkSessions } from './check.ts';
import { CommandFailure, type Command, type Terminal } from './commandTypes.ts';
import { exportSession } from './export.ts';
import { importSession } from './import.ts';
import { listSessions } from './list.ts';
import { findRoot } from './root.ts';
import { showSession } from './show.ts';

export const help = `Looks after Warmfork's session files.

  npm run sessions -- list                 every session, the last used first
  npm run sessions -- check                read everything; exit code 1 if anything is not in order
  npm run sessions -- show FILE            what is in a session file
  npm run sessions -- export FILE OUT      copy a session and its manifest, for llama.cpp or a bug report
  npm run sessions -- import FILE          put an exported session back

  --root DIR   the cache directory (default: $WARMFORK_STORAGE, else the extension's storage)
  --json       JSON instead of text

FILE is a path, or relative to the cache directory, as list prints it.
Exit codes: 0 all is well, 1 not so, 2 wrong arguments.`;

const commands: Readonly<Record<string, { readonly run: Command; readonly parameters: number }>> = {
  list: { run: listSessions, parameters: 0 },
  check: { run: checkSessions, parameters: 0 },
  show: { run: showSession, parameters: 1 },
  export: { run: exportSession, parameters: 2 },
  import: { run: importSession, parameters: 1 },
};

/** Runs one command; resolves to the exit code. */
export async function runSessions(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const [name, ...parameters] = positionals;
    if (values.help || name === undefined) {
      terminal.out(help);
      return values.help ? 0 : 2;
    }
    const command = commands[name];
    if (command?.parameters !== parameters.length) throw new CommandFailure(help, 2);
    const root = await findRoot(values.root, terminal.directory);
    const { ok, text, data } = await command.run({
      root,
      directory: terminal.directory,
      parameters,
    });
    terminal.out(values.json ? JSON.stringify(data, undefined, 2) : text);
    return ok ? 0 : 1;
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof CacheError || isSystemError(error)) {
      terminal.error(error.message);
      return error instanceof CommandFailure ? error.exitCode : 1;
    }
    throw error;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        root: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new CommandFailure(`${(error as Error).message}\n\n${help}`, 2);
  }
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
