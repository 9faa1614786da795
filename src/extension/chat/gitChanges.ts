import * as vscode from 'vscode';
import type { Attachment } from './shared/chatEntry.ts';

/** The part of the built-in Git extension's interface that is needed here. */
interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly Repository[] };
}

interface Repository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  /** @param cached staged changes instead of those of the working tree. */
  diff(cached: boolean): Promise<string>;
}

const maxChars = 24_000;

/** What is staged; where nothing is, what has changed. Undefined without repository or change. */
export async function stagedOrWorkingChanges(): Promise<Attachment | undefined> {
  const repository = await firstRepository();
  if (!repository) return undefined;
  const staged = await repository.diff(true);
  const text = staged === '' ? await repository.diff(false) : staged;
  if (text === '') return undefined;
  const name = staged === '' ? 'Changes' : 'Staged changes';
  return { name, languageId: 'diff', text: text.slice(0, maxChars) };
}

async function firstRepository(): Promise<Repository | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (!extension) return undefined;
  const git = await extension.activate();
  return git.getAPI(1).repositories[0];
}
