import * as vscode from 'vscode';
import type { ModelsProcess } from '../../client/modelsProcess.ts';
import type { DownloadResult } from '../../protocol/models.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import { percentOf, progressWords } from './progressWords.ts';

export interface ModelDownload {
  readonly reference: string;
  readonly name: string;
  readonly folder: string;
}

/** Loads a model, with progress and a way to stop it in a notification. `onPercent` gets undefined at the end. */
export function downloadModel(
  models: ModelsProcess,
  { reference, name, folder }: ModelDownload,
  onPercent: (percent: number | undefined) => void,
): Thenable<DownloadResult> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Warmfork: {0}', name),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (notification, token) => {
    let shown = 0;
    try {
      return await withTokenSignal(token, (signal) =>
        models.download(
          { reference, folder },
          (progress) => {
            const percent = percentOf(progress) ?? 0;
            notification.report({ message: progressWords(progress), increment: percent - shown });
            shown = percent;
            onPercent(percent);
          },
          signal,
        ),
      );
    } finally {
      onPercent(undefined);
    }
  });
}
