import { describe, expect, it } from 'vitest';
import {
  type DiagnosticsFacts,
  diagnosticsText,
} from '../../src/extension/diagnostics/diagnosticsText.ts';
import { LogRing } from '../../src/extension/diagnostics/logRing.ts';
import { recordingLog } from '../../src/extension/diagnostics/recordingLog.ts';
import { redact } from '../../src/extension/diagnostics/redact.ts';
import { processorFlags } from '../../src/engine/diagnostics/machineFacts.ts';

const places = [
  { path: '/home/ada/.config/Code/warmfork/sessions', name: '<sessions>' },
  { path: '/opt/ext', name: '<extension>' },
];
const id = '0123456789abcdef0123456789abcdef';

describe('a log line for others', () => {
  it.each([
    [
      `cache: ${id}/${id}/files/${id}.session rejected`,
      'cache: <path> rejected', // relative: it may be anybody's
    ],
    [
      `/home/ada/.config/Code/warmfork/sessions/${id}/base-1.session: no space left`,
      `<sessions>/${id}/base-1.session: no space left`,
    ],
    ["open '/home/ada/work/secret plan/zebra.ts'", "open '<path>'"],
    ['/home/ada/work/secret plan/zebra.ts is being written', '<path>'],
    ['read C:\\Users\\ada\\zebra fish.ts: EIO', 'read <path>: EIO'],
    ['\\\\server\\share\\zebra: EIO', '<path>: EIO'],
    ['session of file:///home/ada/zebra.ts was not saved', 'session of <uri> was not saved'],
    ['vscode-remote://ssh+zebra/home/x.ts failed', '<uri> failed'],
    ['could not parse src/zebra/fish.py (line 3)', 'could not parse <path> (line 3)'],
    ['zebra.config.ts was skipped', '<file> was skipped'],
    ['~/zebra/fish: EACCES', '<path>: EACCES'],
    ['/opt/extra/zebra failed', '<path>'],
    [
      '/opt/ext/dist/native/warmfork.node is missing',
      '<extension>/dist/native/warmfork.node is missing',
    ],
    [
      'llama.cpp v0.5.0 took 1.25 ms, see settings.json',
      'llama.cpp v0.5.0 took 1.25 ms, see settings.json',
    ],
    ['qwen2.5-coder-0.5b.gguf is damaged', 'qwen2.5-coder-0.5b.gguf is damaged'],
    [
      'The setting warmfork.context.include is not used: "zebra fish" does not fit, Array is expected.',
      'The setting warmfork.context.include is not used: "…" does not fit, Array is expected.',
    ],
    ['The engine ended (signal SIGKILL).', 'The engine ended (signal SIGKILL).'],
  ])('%s', (line, expected) => {
    expect(redact(line, places)).toBe(expected);
  });
});

describe('the ring of warnings and errors', () => {
  it('keeps the last forty, cut to a bearable length', () => {
    const ring = new LogRing(() => 7);
    for (let n = 0; n < 50; n++) ring.add('warn', `${n} ${'x'.repeat(2000)}`);
    expect(ring.problems).toHaveLength(40);
    expect(ring.problems[0]?.message).toMatch(/^10 x{597}$/);
    expect(ring.problems.at(-1)).toMatchObject({ level: 'warn', at: 7 });
  });

  it('hears what is logged, which goes where it went', () => {
    const lines: string[] = [];
    const say = (level: string) => (message: string | Error) => lines.push(`${level} ${message}`);
    const channel = Object.freeze({
      ...{ info: say('info'), warn: say('warn'), error: say('error'), name: 'Warmfork' },
    });
    const ring = new LogRing();
    const log = recordingLog(channel as never, ring);
    log.info('one');
    log.warn('two');
    log.error(new Error('three'));
    expect(log.name).toBe('Warmfork');
    expect(lines).toEqual(['info one', 'warn two', 'error Error: three']);
    expect(ring.problems.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn two',
      'error three',
    ]);
  });
});

describe('diagnostics', () => {
  const facts: DiagnosticsFacts = {
    ...{ extensionVersion: '1.2.3', vscodeVersion: '1.104.0', host: 'desktop' },
    status: {
      state: 'failed',
      message: 'The model file /home/ada/zebra/m.gguf is missing.',
      persistence: { kind: 'none', reason: 'sessions are not kept: /home/ada/zebra is full' },
    },
    engineMissing: 'The engine has failed.',
    settings: [
      { key: 'warmfork.model.path', value: '/home/ada/zebra/m.gguf' },
      { key: 'warmfork.context.include', value: ['zebra/**'] },
      { key: 'warmfork.model.threads', value: 3 },
      { key: 'warmfork.model.gpu', value: 'off' },
    ],
    ...{ isTrusted: true, folders: 1, places },
    problems: [{ level: 'error', at: 0, message: "ENOENT: '/home/ada/zebra'\nmore" }],
  };

  it('of an engine that is not there say why, and name nothing', () => {
    const text = diagnosticsText(facts);
    expect(text).not.toMatch(/zebra|ada/);
    expect(text).toContain('- Warmfork 1.2.3');
    expect(text).toContain('- state: failed: The model file <path>');
    expect(text).toContain('- warmfork.model.path: set');
    expect(text).toContain('- warmfork.context.include: set');
    expect(text).toContain('- warmfork.model.threads: 3');
    expect(text).toContain('- warmfork.model.gpu: off');
    expect(text).toContain("1970-01-01T00:00:00.000Z error: ENOENT: '<path>' ⏎ more");
  });

  it('sum sessions up by kind', () => {
    const session = {
      ...({ kind: 'file', tokens: 1000, sizeBytes: 2048, state: 'resident', hits: 3 } as const),
      ...{ savedMs: 1500, usedAt: 1, resident: true, isDirty: false, isPrivate: false },
      isOutdated: false,
    };
    const all = [
      { ...session, id: 'file:///zebra.ts' },
      { ...session, id: 'file:///fish.ts', state: 'onDisk' as const },
    ];
    const text = diagnosticsText({ ...facts, sessions: all });
    expect(text).toContain('- file: 2 (1 in memory), 2,000 tokens, 4.0 KB, 6 hits, 3.0 s saved');
    expect(text).not.toMatch(/zebra|fish/);
  });

  it('name the processor flags that llama.cpp has code for', () => {
    const flags =
      'flags\t\t: fpu vme avx2 avx512f fma syscall f16c amx_int8 hypervisor\nflags : avx\n';
    expect(processorFlags(flags)).toEqual(['avx2', 'avx512f', 'fma', 'f16c', 'amx_int8']);
    expect(processorFlags('Features : fp asimd asimddp\n')).toEqual(['asimd', 'asimddp']);
    expect(processorFlags('')).toEqual([]);
  });
});
