/** Commands for problem reports, without the `warmfork.` in front. */
export const diagnosticsCommandNames = ['copyDiagnostics', 'reportProblem'] as const;

export type DiagnosticsCommandName = (typeof diagnosticsCommandNames)[number];
