import * as v from 'valibot';

import { byCodeUnits } from './codeUnitOrder.ts';

/** Files at the top of a root that say what the project is, in the order they are shown in. */
export const MANIFESTS = [
  'package.json',
  'pyproject.toml',
  'Cargo.toml',
  'go.mod',
  'composer.json',
  'Gemfile',
  'requirements.txt',
] as const;

/**
 * What of a manifest is worth keeping warm: for `package.json` name, description, scripts and
 * dependencies with their major versions, the text itself for others. Versions that change with
 * every release are left out: everything after them in the prompt would be evaluated again.
 */
export function manifestFacts(name: string, text: string): string {
  if (name === 'package.json') return packageFacts(text) ?? text;
  const facts = name === 'go.mod' ? text.replace(/^.*\/\/ indirect\n/gmu, '') : text;
  return facts.replace(OWN_VERSION, '').replace(FULL_VERSION, '$1');
}

const OWN_VERSION = /^version\s*=.*\n/gmu;
/** Of `1.22.3` the first two numbers tell enough. */
const FULL_VERSION = /\b(v?\d+\.\d+)(?:\.\d+)+(?:[-+.]?[a-z][\w.+-]*)?/gu;

const optionalText = v.fallback(v.optional(v.string()), undefined);
const optionalTexts = v.fallback(v.optional(v.record(v.string(), v.string())), undefined);

const PackageManifest = v.object({
  name: optionalText,
  description: optionalText,
  type: optionalText,
  engines: optionalTexts,
  scripts: optionalTexts,
  dependencies: optionalTexts,
  peerDependencies: optionalTexts,
  devDependencies: optionalTexts,
});

/** Undefined for what is not a JSON object. */
function packageFacts(text: string): string | undefined {
  const parsed = v.safeParse(PackageManifest, parseJson(text));
  if (!parsed.success) return undefined;
  const { name, description, type, engines, scripts } = parsed.output;
  const { dependencies, peerDependencies, devDependencies } = parsed.output;
  // Scripts keep their order, which tells how they belong together; npm sorts dependencies itself.
  const facts = {
    ...{ name, description, type, engines, scripts },
    dependencies: sorted(dependencies),
    peerDependencies: sorted(peerDependencies),
    devDependencies: sorted(devDependencies),
  };
  return `${JSON.stringify(facts, undefined, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A manifest in the middle of an edit is shown as it is.
    return undefined;
  }
}

function sorted(versions: Record<string, string> | undefined): Record<string, string> | undefined {
  if (versions === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(versions)
      .sort(([left], [right]) => byCodeUnits(left, right))
      .map(([name, range]) => [name, majorOf(range)]),
  );
}

/** `^4.10.2` is `4`, `~0.7.3` is `0.7`; what is no plain version stays as it is. */
function majorOf(range: string): string {
  const found = /^[\^~>=v\s]*(0\.\d+|\d+)(?:\.[\w.+-]*)?$/u.exec(range);
  return found?.[1] ?? range;
}
