export const modelCommandNames = ['selectModel', 'selectChatModel', 'useFormerModel'] as const;

export type ModelCommandName = (typeof modelCommandNames)[number];
