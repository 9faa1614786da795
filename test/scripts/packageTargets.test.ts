import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { aboveFloor, parseNeeds, x64Extensions } from '../../scripts/package/portability.ts';
import { withSizes } from '../../scripts/package/sizes.ts';
import { refusedTargets, targetNamed, targets } from '../../scripts/package/targets.ts';

interface Workflow {
  readonly jobs: Record<
    string,
    {
      readonly needs?: string;
      readonly strategy?: { readonly matrix: { readonly include: readonly MatrixRow[] } };
      readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
    }
  >;
}

interface MatrixRow {
  readonly target: string;
  readonly runner: string;
  readonly cross?: string;
}

/** By the YAML parser that the test runner of the extension host has. */
function readWorkflow(): Workflow {
  const require = createRequire(createRequire(import.meta.url).resolve('mocha'));
  const yaml = require('js-yaml') as { load(text: string): unknown };
  return yaml.load(readFileSync(inRoot('.github/workflows/packages.yml'), 'utf8')) as Workflow;
}

function optionalPackages(): string[] {
  const file = inRoot('node_modules/node-llama-cpp/package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.keys(manifest.optionalDependencies).map((name) => name.split('/')[1]!);
}

describe('the targets', () => {
  it('are all platforms that node-llama-cpp ships and VS Code has a name for', () => {
    const shipped = optionalPackages().filter((name) => !/cuda|riscv64/.test(name));
    expect(targets.flatMap(({ libraries }) => libraries).sort()).toEqual(shipped.sort());
  });

  it('hold no CUDA libraries, and a CPU library or Metal first', () => {
    for (const { libraries } of targets) {
      expect(libraries[0]).not.toMatch(/vulkan|cuda/);
      expect(libraries.join()).not.toMatch(/cuda/);
    }
  });

  it.each(Object.keys(refusedTargets))('%s is refused with a reason', (name) => {
    expect(() => targetNamed(name)).toThrow(refusedTargets[name]!);
  });

  it('an unknown one is refused with the list', () => {
    expect(() => targetNamed('linux-mips')).toThrow(/linux-mips.*linux-x64, .*win32-arm64/);
  });
});

describe('the workflow', () => {
  const workflow = readWorkflow();
  const rows = workflow.jobs['package']!.strategy!.matrix.include;

  it('packages every target, each on a machine of its own kind', () => {
    expect(rows.map(({ target }) => target)).toEqual(targets.map(({ name }) => name));
    const systems = { linux: 'ubuntu', darwin: 'macos', win32: 'windows' };
    for (const { target, runner, cross } of rows) {
      const { platform, arch } = targetNamed(target);
      expect(runner).toContain(systems[platform]);
      expect(/-arm$/.test(runner), target).toBe(
        arch === 'arm64' && platform !== 'darwin' && cross === undefined,
      );
    }
  });

  it('builds for Linux where glibc is the oldest that the libraries run with', () => {
    const linux = rows.filter(({ target }) => target.startsWith('linux'));
    for (const { runner } of linux) expect(runner).toMatch(/^ubuntu-22\.04/);
    expect(workflow.jobs['oldest-linux']!.needs).toBe('package');
  });

  it('runs only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = Object.values(workflow.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run }) => run ?? []),
    );
    const named = commands.flatMap((run) => /npm (?:run )?([a-z:]+)/.exec(run)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(scripts).toHaveProperty([name]);
  });
});

describe('portability', () => {
  const floor = parseNeeds('Name: GLIBC_2.34  Flags: none\nName: GLIBC_2.4\nName: GLIBCXX_3.4.30');

  it('takes the newest version of each kind', () => {
    expect([...floor]).toEqual([
      ['GLIBC', '2.34'],
      ['GLIBCXX', '3.4.30'],
    ]);
  });

  it('names what is above the floor, comparing numbers', () => {
    const needs = parseNeeds('Name: GLIBC_2.38\nName: GLIBCXX_3.4.9\nName: CXXABI_1.3.9');
    expect(aboveFloor(needs, floor)).toEqual([
      'GLIBC 2.38 (floor 2.34)',
      'CXXABI 1.3.9 (floor none)',
    ]);
    expect(aboveFloor(floor, floor)).toEqual([]);
  });

  it('finds instructions beyond SSE2', () => {
    const lines = [
      '   10a0:\tvaddps %ymm0,%ymm1,%ymm2',
      '   10a4:\tpshufb %xmm0,%xmm1',
      '   10a8:\taddps  %xmm0,%xmm1',
      '   10ac:\tcall   2000 <vaddps_of_someone>',
    ];
    expect(x64Extensions(lines.join('\n'))).toEqual(['vaddps', 'pshufb']);
  });
});

describe('the table of sizes', () => {
  const page = readFileSync(inRoot('docs/packages.md'), 'utf8');

  it('names every target', () => {
    for (const { name } of targets) expect(page).toContain(`| \`${name}\``);
  });

  it('is changed only where there is something new', () => {
    const changed = withSizes(page, [{ target: 'win32-arm64', size: '15.0 MB' }]);
    const lines = page.split('\n');
    const other = changed.split('\n').filter((line) => line.startsWith('| `'));
    expect(other.find((line) => line.includes('win32-arm64'))).toContain('15.0 MB');
    expect(other.filter((line) => !lines.some((old) => sameRow(old, line)))).toHaveLength(1);
  });
});

function sameRow(a: string, b: string): boolean {
  const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ');
  return squeezed(a) === squeezed(b);
}
