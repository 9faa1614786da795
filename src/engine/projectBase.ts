/** The tokens that the base of this workspace should have, from the project as it is now. */
import { nodeProjectFiles } from '../project/nodeProjectFiles.ts';
import { collectProjectContext } from '../project/projectContext.ts';
import type { EngineSettings, WorkspaceInfo } from '../protocol/settings.ts';
import { basePrompt, countTokens } from './prompt/basePrompt.ts';
import type { Runtime } from './runtime.ts';

export async function projectBaseTokens(
  runtime: Runtime,
  workspace: WorkspaceInfo,
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { tokenizer, context, log } = runtime;
  const limit = Math.min(settings.baseTokens, Math.floor(context.nCtx / 2));
  const files = nodeProjectFiles(workspace.folders);
  const project = await collectProjectContext(files, {
    repoName: workspace.name,
    filesExclude: workspace.filesExclude,
    countTokens: (text) => countTokens(tokenizer, text),
    budgetTokens: limit,
    signal,
  });
  log('info', `project context: ${project.items.length} items, ${project.leftOut.length} left out`);
  return basePrompt(tokenizer, project, limit);
}
