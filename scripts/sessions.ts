/** `npm run sessions -- list|check|show FILE|export FILE OUT|import FILE [--root DIR] [--json]` */
import process from 'node:process';
import { runSessions } from './sessions/command.ts';

process.exitCode = await runSessions(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
  directory: process.env['INIT_CWD'] ?? process.cwd(),
});
