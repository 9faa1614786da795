/** Which changes on disk can change the project context at all. */
import type { LeftOut } from '../../project/scan.ts';
import type { ProjectChange } from '../../protocol/project.ts';
import type { WorkspaceFolder } from '../../protocol/settings.ts';

/** Left out by their names or by rules: whatever is written into them, they stay out. */
const byName: ReadonlySet<LeftOut['reason']> = new Set([
  'ignored',
  'files.exclude',
  'excluded by setting',
  'untrusted workspace',
  'secret',
  'vendored',
  'lock file',
  'minified',
  'binary',
  'symbolic link',
]);

/**
 * Whether a change may matter, by what was left out at the last look: a compiler that writes into an ignored folder all
 * the time must neither cause scans nor count as somebody who works.
 */
export function mayMatter(
  change: ProjectChange,
  folders: readonly WorkspaceFolder[],
  leftOut: readonly LeftOut[],
): boolean {
  if (change.incomplete) return true;
  const out = new Set(leftOut.filter(({ reason }) => byName.has(reason)).map(({ path }) => path));
  return change.uris.some((uri) => isCheckout(uri) || !isOut(pathsOf(uri, folders), out));
}

/** Another commit is checked out. */
function isCheckout(uri: string): boolean {
  return uri.endsWith('/.git/HEAD');
}

/** The paths a file may have in the project context: with the name of its folder where there are several. */
function pathsOf(uri: string, folders: readonly WorkspaceFolder[]): readonly string[] {
  return folders.flatMap((folder) => {
    const root = `${folder.uri.replace(/\/$/u, '')}/`;
    if (!uri.startsWith(root)) return [];
    const path = decode(uri.slice(root.length));
    return [folders.length === 1 ? path : `${folder.name}/${path}`];
  });
}

function isOut(paths: readonly string[], out: ReadonlySet<string>): boolean {
  return paths.some((path) => {
    if (out.has(path)) return true;
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (out.has(path.slice(0, at + 1))) return true;
    }
    return false;
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no URI of ours: it matches nothing, and counts as a change that may matter
  }
}
