import * as vscode from 'vscode';
import type { DiagnosticNote } from '../../../protocol/requests.ts';

const limits = { lines: 15, notes: 5 } as const;

/** Errors and warnings near a line, nearest first. */
export function diagnosticsNear(uri: vscode.Uri, line: number): readonly DiagnosticNote[] {
  const distance = ({ range }: vscode.Diagnostic): number => Math.abs(range.start.line - line);
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
    .filter((diagnostic) => distance(diagnostic) <= limits.lines)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, limits.notes)
    .map(({ range, message, severity }) => ({
      line: range.start.line,
      message,
      severity: severity === vscode.DiagnosticSeverity.Error ? 'error' : 'warning',
    }));
}
