import * as vscode from 'vscode';
import type { ModelList, UnfinishedDownload } from '../../protocol/models.ts';
import {
  firstSections,
  modelSections,
  type InUse,
  type ModelAction,
  type ModelItem,
  type ModelSection,
} from './modelItems.ts';

export interface PickOptions {
  readonly title: string;
  readonly inUse: InUse;
  readonly list: () => Promise<ModelList>;
  readonly discard: (download: UnfinishedDownload) => Promise<unknown>;
}

interface Item extends vscode.QuickPickItem {
  readonly action?: ModelAction;
  readonly unfinished?: UnfinishedDownload;
}

/** Shows at once what needs no looking, the rest as soon as it is known. Undefined: nothing was chosen. */
export function pickModel(options: PickOptions): Promise<ModelAction | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = options.title;
  pick.placeholder = vscode.l10n.t('Looking for models on this machine…');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  pick.items = rows(firstSections(options.inUse));
  return new Promise((resolve, reject) => {
    const fill = async (): Promise<void> => {
      pick.items = rows(modelSections(await options.list(), options.inUse));
      pick.placeholder = vscode.l10n.t('Choose a model');
      pick.busy = false;
    };
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.unfinished) void options.discard(item.unfinished).then(fill, reject);
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.action);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
    fill().catch((error: unknown) => {
      reject(error);
      pick.hide();
    });
  });
}

function rows(sections: readonly ModelSection[]): Item[] {
  return sections.flatMap(({ title, items }) => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...items.map(row),
  ]);
}

function row({ label, description, detail, action, unfinished }: ModelItem): Item {
  return {
    label,
    action,
    ...(description !== undefined && { description }),
    ...(detail !== undefined && { detail }),
    ...(unfinished && { unfinished, buttons: [discardButton()] }),
  };
}

function discardButton(): vscode.QuickInputButton {
  return {
    iconPath: new vscode.ThemeIcon('trash'),
    tooltip: vscode.l10n.t('Remove what is here of this download'),
  };
}
