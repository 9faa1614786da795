/** Prompts written out here, for servers that pass text on to the model as it is. */
import type { FimStyle } from '../../protocol/servers.ts';
import type { FimText, TextBlock } from './fimText.ts';

interface FimTemplate {
  /** Before a repository's name, and before a file's path; absent: a comment. */
  readonly repository?: string;
  readonly separator?: string;
  readonly special: readonly string[];
  /** `typed` stands last in each. */
  readonly write: (prefix: string, suffix: string, typed: string) => string;
}

export type TemplateName = Exclude<FimStyle, 'auto' | 'infill' | 'suffix'>;

function marks(pre: string, suf: string, mid: string): Pick<FimTemplate, 'special' | 'write'> {
  const write: FimTemplate['write'] = (prefix, suffix, typed) =>
    `${pre}${prefix}${suf}${suffix}${mid}${typed}`;
  return { special: [pre.trim(), suf.trim(), mid.trim()], write };
}

function suffixFirst(
  pre: string,
  suf: string,
  mid: string,
): Pick<FimTemplate, 'special' | 'write'> {
  const write: FimTemplate['write'] = (prefix, suffix, typed) =>
    `${suf}${suffix}${pre}${prefix}${mid}${typed}`;
  return { special: [pre, suf, mid].filter((mark) => mark !== ''), write };
}

const templates: Readonly<Record<TemplateName, FimTemplate>> = {
  qwen: {
    ...marks('<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'),
    ...{ repository: '<|repo_name|>', separator: '<|file_sep|>' },
  },
  starcoder: {
    ...marks('<fim_prefix>', '<fim_suffix>', '<fim_middle>'),
    ...{ repository: '<repo_name>', separator: '<file_sep>' },
  },
  granite: {
    ...marks('<fim_prefix>', '<fim_suffix>', '<fim_middle>'),
    ...{ repository: '<reponame>', separator: '<filename>' },
  },
  deepseek: marks('<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'),
  codellama: marks('<PRE> ', ' <SUF>', ' <MID>'),
  codegemma: {
    ...marks('<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'),
    separator: '<|file_separator|>',
  },
  codestral: suffixFirst('[PREFIX]', '[SUFFIX]', ''),
  mellum: {
    ...suffixFirst('<fim_prefix>', '<fim_suffix>', '<fim_middle>'),
    separator: '<filename>',
  },
  'seed-coder': suffixFirst('<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>'),
  none: { special: [], write: (prefix, _suffix, typed) => prefix + typed },
};

/** What a model's name tells; the first that matches. */
const byName: readonly (readonly [RegExp, TemplateName])[] = [
  [/qwen/i, 'qwen'],
  [/starcoder|stable-?code/i, 'starcoder'],
  [/granite/i, 'granite'],
  [/deepseek/i, 'deepseek'],
  [/code-?llama/i, 'codellama'],
  [/code-?gemma/i, 'codegemma'],
  [/codestral|devstral/i, 'codestral'],
  [/mellum/i, 'mellum'],
  [/seed-?coder/i, 'seed-coder'],
];

/** Undefined when the name does not tell. */
export function templateFor(model: string): TemplateName | undefined {
  return byName.find(([pattern]) => pattern.test(model))?.[1];
}

/** Those whose marks tell them from all others; the more particular first. */
const telling: readonly TemplateName[] = [
  ...([
    'qwen',
    'codegemma',
    'starcoder',
    'granite',
    'deepseek',
    'codellama',
    'seed-coder',
  ] as const),
];

/** What a model that may be called anything has to be looked through for, likeliest first. */
export function templatesToTry(model: string): readonly TemplateName[] {
  const named = templateFor(model);
  return named === undefined ? telling : [...new Set([named, ...telling])];
}

/** Texts that must be tokens of their own for the template to fit a model. */
export function marksOf(name: TemplateName): readonly string[] {
  const { special, repository, separator } = templates[name];
  return [...special, repository, separator].filter((mark) => mark !== undefined);
}

/** The whole prompt. Names of special tokens within anybody's text are broken up, so that they stay text. */
export function writePrompt(name: TemplateName, text: FimText): string {
  const template = templates[name];
  const clean = (part: string): string => withoutMarks(part, template);
  return (
    projectHead(name, text) +
    header(template, clean(text.path)) +
    template.write(clean(text.prefix), clean(text.suffix), clean(text.middle))
  );
}

/** What stands above the document. */
export function projectHead(
  name: TemplateName,
  { repoName, project, context }: Pick<FimText, 'repoName' | 'project' | 'context'>,
): string {
  const template = templates[name];
  const { repository } = template;
  const clean = (part: string): string => withoutMarks(part, template);
  const block = ({ path, text }: TextBlock): string =>
    `${header(template, clean(path))}${clean(text)}${text.endsWith('\n') ? '' : '\n'}`;
  const head = repository ? `${repository}${clean(repoName)}` : `// Repository: ${repoName}\n`;
  return head + [...project, ...context].map(block).join('');
}

function header({ separator }: FimTemplate, path: string): string {
  return separator === undefined ? `\n// ${path}\n` : `${separator}${path}\n`;
}

function withoutMarks(text: string, { special, repository, separator }: FimTemplate): string {
  let clean = text;
  for (const mark of [...special, repository, separator])
    if (mark) clean = clean.replaceAll(mark, `${mark.slice(0, 1)} ${mark.slice(1)}`);
  return clean;
}
