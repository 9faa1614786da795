import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../client/clock.ts';
import type { ProjectChange } from '../../protocol/project.ts';
import { ChangeBatch } from './changeBatch.ts';

/** Tells what changes on disk in the folders of the workspace, by VS Code's own file watching. */
export class ProjectWatcher implements Disposable {
  readonly #store = new DisposableStore();
  readonly #batch: ChangeBatch;

  constructor(clock: Clock, send: (change: ProjectChange) => void) {
    this.#batch = this.#store.add(new ChangeBatch(clock, send));
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme === 'file') this.#watch(folder);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #watch(folder: vscode.WorkspaceFolder): void {
    const pattern = new vscode.RelativePattern(folder, '**');
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(pattern));
    const add = (uri: vscode.Uri): void => this.#batch.add(uri.toString());
    this.#store.add(watcher.onDidCreate(add));
    this.#store.add(watcher.onDidChange(add));
    this.#store.add(watcher.onDidDelete(add));
  }
}
