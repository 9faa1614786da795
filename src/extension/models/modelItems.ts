/** What can be chosen, as a person reads it. Pure. */
import { formatCount, formatGiB } from '../../base/format.ts';
import type {
  FoundModel,
  MachineMemory,
  MemoryNeed,
  ModelFile,
  ModelList,
  RecommendedModel,
  UnfinishedDownload,
} from '../../protocol/models.ts';
import { localize } from '../localize.ts';

export type ModelAction =
  | { readonly kind: 'use'; readonly path: string }
  | { readonly kind: 'explain'; readonly sentence: string }
  | { readonly kind: 'download'; readonly reference: string; readonly name: string }
  | { readonly kind: 'browse' }
  | { readonly kind: 'reference' };

export interface ModelItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly action: ModelAction;
  /** Set where what is there of a download can be removed. */
  readonly unfinished?: UnfinishedDownload;
}

export interface ModelSection {
  readonly title: string;
  readonly items: readonly ModelItem[];
}

/** What is in use now: a path, empty for what serves by default. */
export interface InUse {
  readonly path: string;
  /** What an empty path stands for, e.g. the stand-in model. */
  readonly byDefault: string;
}

/** Before the list is there: what needs no list. */
export function firstSections(inUse: InUse): ModelSection[] {
  return [inUseSection(inUse, undefined), otherSection()];
}

export function modelSections(list: ModelList, inUse: InUse): ModelSection[] {
  const { machine, found, recommended, unfinished } = list;
  const current = found.find((model) => pathOf(model) === inUse.path);
  const rank = ({ check }: FoundModel): number => (check.kind === 'usable' ? 0 : 1);
  const here = found.filter((model) => model !== current).sort((a, b) => rank(a) - rank(b));
  const unused = recommended.filter(({ fileName }) => !isHere(fileName, found));
  const sections: ModelSection[] = [
    inUseSection(inUse, current && foundItem(current, machine)),
    { title: localize('unfinished downloads'), items: unfinished.map(unfinishedItem) },
    { title: localize('on this machine'), items: here.map((model) => foundItem(model, machine)) },
    {
      title: localize('recommended downloads'),
      items: unused.map((model) => recommendedItem(model, machine)),
    },
    otherSection(),
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function inUseSection({ path, byDefault }: InUse, known: ModelItem | undefined): ModelSection {
  const title = localize('in use');
  const useDefault: ModelItem = { label: byDefault, action: { kind: 'use', path: '' } };
  if (path === '') return { title, items: [{ ...useDefault, label: `$(check) ${byDefault}` }] };
  const used = known ?? { label: baseName(path), description: path, action: { kind: 'use', path } };
  return {
    title,
    items: [{ ...used, label: `$(check) ${used.label.replace(/^\$\([^)]*\) /, '')}` }, useDefault],
  };
}

function otherSection(): ModelSection {
  return {
    title: localize('other'),
    items: [
      { label: `$(folder-opened) ${localize('Browse…')}`, action: { kind: 'browse' } },
      {
        label: `$(cloud-download) ${localize('Hugging Face reference or address…')}`,
        action: { kind: 'reference' },
      },
    ],
  };
}

function foundItem({ check, need, source }: FoundModel, machine: MachineMemory): ModelItem {
  const where = source === 'download' ? localize('downloaded') : source;
  if (check.kind === 'unusable') {
    const { path, sentence } = check;
    return {
      label: `$(warning) ${baseName(path)}`,
      description: where,
      detail: sentence,
      action: { kind: 'explain', sentence },
    };
  }
  const { file } = check;
  return {
    label: `$(file-binary) ${file.facts.name}`,
    description: [file.facts.quantisation, formatGiB(file.sizeBytes), where]
      .filter((fact) => fact !== undefined)
      .join(' · '),
    detail: [...(need ? [needWords(need, machine)] : []), ...factWords(file)].join(' · '),
    action: { kind: 'use', path: file.path },
  };
}

function factWords({ facts, parts }: ModelFile): string[] {
  return [
    facts.fim ? localize('completes inside of lines') : localize('cannot fill in, only continue'),
    ...(facts.contextTokens === undefined
      ? []
      : [localize('context {0} tokens', formatCount(facts.contextTokens))]),
    ...(parts > 1 ? [localize('{0} files', parts)] : []),
  ];
}

function recommendedItem(model: RecommendedModel, machine: MachineMemory): ModelItem {
  const { name, reference, quantisation, sizeBytes, license, need, fits, best } = model;
  const icon = best ? '$(star-full)' : '$(cloud-download)';
  const verdict = fits ? [] : [localize('does not fit')];
  return {
    label: `${icon} ${name}`,
    description: `${quantisation} · ${formatGiB(sizeBytes)}${best ? ` · ${localize('suits this machine')}` : ''}`,
    detail: [...verdict, needWords(need, machine), localize('license: {0}', license)].join(' · '),
    action: { kind: 'download', reference, name },
  };
}

function unfinishedItem(unfinished: UnfinishedDownload): ModelItem {
  const { reference, fileName, doneBytes, totalBytes } = unfinished;
  const done = formatGiB(doneBytes);
  const name = baseName(fileName);
  return {
    label: `$(debug-continue) ${localize('Resume {0}', name)}`,
    description:
      totalBytes === undefined ? done : localize('{0} of {1}', done, formatGiB(totalBytes)),
    detail: reference,
    action: { kind: 'download', reference, name },
    unfinished,
  };
}

function needWords({ ramBytes, vramBytes }: MemoryNeed, machine: MachineMemory): string {
  return vramBytes > 0
    ? localize(
        'needs {0} of {1} graphics memory',
        formatGiB(vramBytes),
        formatGiB(machine.vramBytes),
      )
    : localize('needs {0} of {1} memory', formatGiB(ramBytes), formatGiB(machine.ramBytes));
}

function isHere(fileName: string, found: readonly FoundModel[]): boolean {
  return found.some(
    (model) => model.check.kind === 'usable' && baseName(pathOf(model)) === fileName,
  );
}

function pathOf({ check }: FoundModel): string {
  return check.kind === 'usable' ? check.file.path : check.path;
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
