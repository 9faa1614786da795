export const modelCommandNames = [
  'selectModel',
  'selectChatModel',
  'useFormerModel',
  'tryGpuAgain',
] as const;

export type ModelCommandName = (typeof modelCommandNames)[number];
