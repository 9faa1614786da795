import { chatCommandNames } from './chat/chatCommandNames.ts';
import { modelCommandNames } from './models/modelCommandNames.ts';
import { diagnosticsCommandNames } from './diagnostics/diagnosticsCommandNames.ts';
import { serverCommandNames } from './servers/serverCommandNames.ts';
import { sessionCommandNames } from './sessions/sessionCommandNames.ts';

/** Every command the extension registers, without the `warmfork.` in front. package.json has the same (a test checks it). */
export const commandNames = [
  'rebuildBase',
  'stopBuilding',
  'showProjectContext',
  'includeInContext',
  'excludeFromContext',
  'saveAllSessions',
  ...sessionCommandNames,
  'verifySessions',
  'discardFileSession',
  'clearSessionCache',
  'restartEngine',
  'showLog',
  ...diagnosticsCommandNames,
  'toggleInline',
  'whyNoSuggestion',
  'snooze',
  'endSnooze',
  ...chatCommandNames,
  ...modelCommandNames,
  ...serverCommandNames,
  'showMenu',
] as const;

export type CommandName = (typeof commandNames)[number];

export function commandId(name: CommandName): string {
  return `warmfork.${name}`;
}
