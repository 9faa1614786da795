export const modelCommandNames = [
  'selectModel',
  'selectChatModel',
  'useFormerModel',
  'tryGpuAgain',
  'openWalkthrough',
] as const;

export type ModelCommandName = (typeof modelCommandNames)[number];
