/** Log lines without anybody's names: what is shown to others says nothing of a workspace. */

/** A folder whose content is ours, so that what lies in it may be named. */
export interface KnownPlace {
  /** Absolute. */
  readonly path: string;
  /** What stands for it. */
  readonly name: string;
}

/** File names that are the same for everybody. */
const ownNames =
  /(?:\.(?:session|cells|meta|gguf|so|dll|dylib|node|cjs|mjs|wasm|rejected|tmp)|llama\.cpp|settings\.json|^warmfork(?:\.\w+)+|[\da-f]{32}(?:\.\w+)*)$/iu;

/**
 * Paths into known places stay, relative to them; every other path, URI and file name is taken out, and so is what is
 * quoted like a text. Names may hold
 * spaces: a path that is not known ends with its quotation mark, with a colon or with the line.
 */
export function redact(text: string, places: readonly KnownPlace[]): string {
  const kept: string[] = [];
  const keep = (words: string): string => `\u0000${kept.push(words) - 1}\u0000`;
  let rest = text;
  for (const { path, name } of [...places].sort((a, b) => b.path.length - a.path.length))
    rest = rest.replaceAll(pathIn(path), (found) =>
      keep(name + found.slice(path.length).replaceAll('\\', '/')),
    );
  return rest
    .replace(/"[^"\n]*"/gu, '"…"')
    .replace(/[a-z][\w+.-]+:\/\/[^\s'"`]+/giu, '<uri>')
    .replace(/(?<![\w<>])(?:~?\/|[a-z]:[\\/]|\\\\)[^'"`\n:;]*/giu, '<path>')
    .replace(/[^\s'"`,;:()]*[\\/][^\s'"`,;:()]*/gu, '<path>')
    .replace(/[^\s'"`,;:()<>/]+\.[a-z]\w{0,9}(?![\w.])/giu, (name) =>
      ownNames.test(name) ? name : '<file>',
    )
    .replace(/\u0000(\d+)\u0000/gu, (_, at: string) => kept[Number(at)] ?? '');
}

/** A path below `path`, as far as our own names go: they have no spaces. */
function pathIn(path: string): RegExp {
  const literal = path.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
  return new RegExp(`${literal}(?![^\\s'"\`,;:()\\\\/])[^\\s'"\`,;:()]*`, 'gu');
}
